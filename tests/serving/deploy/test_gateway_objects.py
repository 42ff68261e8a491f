import pytest

from serving.deploy.gateway_objects import build_gateway_objects
from serving.deploy.pod import CLIENT_LABEL


@pytest.fixture
def stateful_set(build):
    return build_gateway_objects(build())[1]


@pytest.fixture
def pod(stateful_set):
    return stateful_set["spec"]["template"]["spec"]


def _find_volume(pod, name):
    return next(one for one in pod["volumes"] if one["name"] == name)


def test_nothing_of_the_gateway_is_deployed_while_it_is_off(build):
    assert build_gateway_objects(build(gateway={"enabled": False})) == []


def test_gateway_may_talk_to_the_model_server(stateful_set):
    labels = stateful_set["spec"]["template"]["metadata"]["labels"]
    assert CLIENT_LABEL.items() <= labels.items()


def test_service_leads_to_the_port_that_the_gateway_listens_on(build, pod):
    service = build_gateway_objects(build())[2]
    (port,) = service["spec"]["ports"]
    (container,) = pod["containers"]
    listening = {one["name"]: one for one in container["ports"]}
    number = listening[port["targetPort"]]["containerPort"]
    assert f"--port={number}" in container["args"]


def test_keys_are_the_operator_s_secret(build, pod):
    assert _find_volume(pod, "keys")["secret"]["secretName"] == "gateway-keys"
    kinds = {found["kind"] for found in build_gateway_objects(build())}
    assert kinds == {"ConfigMap", "StatefulSet", "Service"}


def test_only_the_gateway_s_group_reads_the_keys(pod):
    secret = _find_volume(pod, "keys")["secret"]
    # -r--r-----: of the owner, root, and the group of the volumes.
    assert secret["defaultMode"] == 0b100_100_000
    security = pod["securityContext"]
    assert security["fsGroup"] == security["runAsGroup"]


def test_password_of_redis_comes_from_the_secret(build):
    values = build(gateway={"redis": "redis://r:6379/0"})
    spec = build_gateway_objects(values)[1]["spec"]["template"]["spec"]
    (variable,) = spec["containers"][0]["env"]
    assert variable["name"] == "TASTEMAKER_GATEWAY_REDIS_PASSWORD"
    source = variable["valueFrom"]["secretKeyRef"]
    assert source["name"] == _find_volume(spec, "keys")["secret"]["secretName"]
    assert source["optional"]  # Redis may ask for none


def test_each_gateway_has_a_volume_for_what_it_must_not_lose(build):
    gateway = {"replicas": 3, "redis": "redis://r:6379/0", "storage_gib": 7}
    spec = build_gateway_objects(build(gateway=gateway))[1]["spec"]
    assert spec["replicas"] == 3
    (claim,) = spec["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"]["storage"] == "7Gi"
    mounts = spec["template"]["spec"]["containers"][0]["volumeMounts"]
    (state,) = [one for one in mounts if one["name"] == "state"]
    assert state == {"name": "state", "mountPath": "/var/lib/gateway"}


def test_what_ends_a_gateway_leaves_it_time_to_save(build):
    values = build(server={"drain_seconds": 50, "grace_seconds": 60})
    pod = build_gateway_objects(values)[1]["spec"]["template"]["spec"]
    (_, seconds) = pod["containers"][0]["lifecycle"]["preStop"]["exec"][
        "command"
    ]
    # uvicorn gives requests 10 s of it.
    assert pod["terminationGracePeriodSeconds"] - int(seconds) > 10


def test_slow_start_is_not_taken_for_a_hang(build):
    values = build(gateway={"startup_seconds": 301})
    pod = build_gateway_objects(values)[1]["spec"]["template"]["spec"]
    probe = pod["containers"][0]["startupProbe"]
    # 61 x 5 s is the first multiple from 301 s on.
    assert (probe["periodSeconds"], probe["failureThreshold"]) == (5, 61)


def test_catalogue_lies_on_the_models_volume(build):
    values = build(
        gateway={"catalogue": "items.jsonl"}, model={"claim": "exports"}
    )
    pod = build_gateway_objects(values)[1]["spec"]["template"]["spec"]
    claim = _find_volume(pod, "models")["persistentVolumeClaim"]
    assert claim == {"claimName": "exports", "readOnly": True}


def _get_annotations(values):
    template = build_gateway_objects(values)[1]["spec"]["template"]
    return template["metadata"]["annotations"]


def test_changed_config_starts_new_pods(build):
    config = {"limits": {"requests_per_second": 7}}
    changed = build(gateway={"config": config})
    assert _get_annotations(changed) != _get_annotations(build())
    more_memory = build(gateway={"memory_mib": 600})
    assert _get_annotations(more_memory) == _get_annotations(build())
