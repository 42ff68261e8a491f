"""What the objects of one workload say, beyond what holds for all of them."""

import pytest

from serving.deploy.gateway_objects import build_gateway_objects
from serving.deploy.model_server_objects import build_model_server_objects
from serving.deploy.network_policies import build_network_policies
from serving.deploy.pod import CLIENT_LABEL
from serving.deploy.prometheus import build_adapter_rules
from serving.deploy.scaling import build_scaling_objects


def _find(objects, kind):
    return next(found["spec"] for found in objects if found["kind"] == kind)


def _find_volume(pod, name):
    return next(one for one in pod["volumes"] if one["name"] == name)


def _get_pod(build, **gateway):
    objects = build_gateway_objects(build(gateway=gateway))
    return _find(objects, "StatefulSet")["template"]["spec"]


def test_model_server_is_ready_when_a_version_is_loaded(build):
    spec = _find(build_model_server_objects(build()), "Deployment")
    (container,) = spec["template"]["spec"]["containers"]
    # The status path would answer 200 for versions that failed (S-02).
    path = container["readinessProbe"]["httpGet"]["path"]
    assert path == "/v1/models/tastemaker/metadata"
    assert container["livenessProbe"]["grpc"]["port"] == 8500
    assert "--enable_grpc_healthcheck_service=true" in container["args"]


def test_every_config_file_of_a_flag_is_in_a_config_map(objects):
    spec = objects["Deployment", "model-server"]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    maps = {
        volume["name"]: volume["configMap"]["name"]
        for volume in spec["volumes"]
        if "configMap" in volume
    }
    mounted = {
        f"{mount['mountPath']}/{name}"
        for mount in container["volumeMounts"]
        if mount["name"] in maps
        for name in objects["ConfigMap", maps[mount["name"]]]["data"]
    }
    named = {
        argument.split("=", 1)[1]
        for argument in container["args"]
        if argument.split("=")[0].endswith("_file")
    }
    assert named == mounted


def test_callers_see_every_model_server_of_the_autoscaler(build):
    objects = build_model_server_objects(build())
    assert "replicas" not in _find(objects, "Deployment")
    assert _find(objects, "Service")["clusterIP"] == "None"


def test_autoscaler_asks_for_the_latency_that_the_adapter_offers(build):
    values = build(autoscaling={"latency_p95_ms": 12.5, "max_replicas": 7})
    spec = build_scaling_objects(values)[0]["spec"]
    (rule,) = build_adapter_rules()["rules"]
    pods = spec["metrics"][0]["pods"]
    assert pods["metric"]["name"] == rule["name"]["as"]
    assert pods["target"]["averageValue"] == "12500"  # us; 12.5 ms
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 7)


def test_nothing_of_the_gateway_is_deployed_while_it_is_off(build):
    values = build(gateway={"enabled": False})
    assert build_gateway_objects(values) == []
    (policy,) = build_network_policies(values)
    assert policy["metadata"]["name"] == "model-server"


def test_gateway_may_talk_to_the_model_server_only(build):
    gateway = _find(build_gateway_objects(build()), "StatefulSet")
    labels = gateway["template"]["metadata"]["labels"]
    assert CLIENT_LABEL.items() <= labels.items()
    (server, own) = (one["spec"] for one in build_network_policies(build()))
    assert "Egress" in server["policyTypes"]
    assert server["egress"] == []
    ask, scrape = server["ingress"]
    assert ask["from"] == [{"podSelector": {"matchLabels": CLIENT_LABEL}}]
    assert [port["port"] for port in ask["ports"]] == [8500]
    assert "monitoring" in str(scrape["from"])
    assert [port["port"] for port in scrape["ports"]] == [8501]
    (calls,) = own["ingress"]  # from anywhere: it asks for a key
    assert "from" not in calls
    assert [port["port"] for port in calls["ports"]] == [8080]
    names, model_server = own["egress"]
    assert {(p["protocol"], p["port"]) for p in names["ports"]} == {
        ("TCP", 53),
        ("UDP", 53),
    }
    assert [port["port"] for port in model_server["ports"]] == [8500]
    assert "model-server" in str(model_server["to"])


@pytest.mark.parametrize(
    ("redis", "port"),
    [("redis://cache:7000/0", 7000), ("rediss://cache/0", 6379)],
)
def test_gateway_may_talk_to_its_redis(build, redis, port):
    (_, policy) = build_network_policies(build(gateway={"redis": redis}))
    assert [p["port"] for p in policy["spec"]["egress"][2]["ports"]] == [port]


def test_keys_are_the_operator_s_secret_which_only_the_group_reads(build):
    pod = _get_pod(build)
    secret = _find_volume(pod, "keys")["secret"]
    assert secret["secretName"] == "gateway-keys"
    # -r--r-----: of the owner, root, and the group of the volumes.
    assert secret["defaultMode"] == 0b100_100_000
    security = pod["securityContext"]
    assert security["fsGroup"] == security["runAsGroup"]
    kinds = {found["kind"] for found in build_gateway_objects(build())}
    assert kinds == {"ConfigMap", "StatefulSet", "Service"}


def test_password_of_redis_comes_from_the_secret(build):
    pod = _get_pod(build, redis="redis://r:6379/0")
    (variable,) = pod["containers"][0]["env"]
    assert variable["name"] == "TASTEMAKER_GATEWAY_REDIS_PASSWORD"
    source = variable["valueFrom"]["secretKeyRef"]
    assert source["name"] == _find_volume(pod, "keys")["secret"]["secretName"]
    assert source["optional"]  # Redis may ask for none


def test_each_gateway_has_a_volume_for_what_it_must_not_lose(build):
    gateway = {"replicas": 3, "redis": "redis://r:6379/0", "storage_gib": 7}
    objects = build_gateway_objects(build(gateway=gateway))
    spec = _find(objects, "StatefulSet")
    assert spec["replicas"] == 3
    (claim,) = spec["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"]["storage"] == "7Gi"
    mounts = spec["template"]["spec"]["containers"][0]["volumeMounts"]
    (state,) = [one for one in mounts if one["name"] == "state"]
    assert state == {"name": "state", "mountPath": "/var/lib/gateway"}


def test_catalogue_lies_on_the_models_volume(build):
    values = build(
        gateway={"catalogue": "items.jsonl"}, model={"claim": "exports"}
    )
    spec = _find(build_gateway_objects(values), "StatefulSet")
    volume = _find_volume(spec["template"]["spec"], "models")
    assert volume["persistentVolumeClaim"] == {
        "claimName": "exports",
        "readOnly": True,
    }
