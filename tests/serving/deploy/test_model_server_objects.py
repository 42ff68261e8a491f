import pytest

from serving.deploy.rendered_files import render_files
from tests.serving.deploy.conftest import find_objects


@pytest.fixture
def deployment(default_objects):
    return default_objects["Deployment", "model-server"]


@pytest.fixture
def pod(deployment):
    return deployment["spec"]["template"]["spec"]


@pytest.fixture
def container(pod):
    return pod["containers"][0]


def test_readiness_asks_for_a_version_that_is_loaded(container):
    # The status path would answer 200 for versions that failed (S-02).
    path = container["readinessProbe"]["httpGet"]["path"]
    assert path == "/v1/models/tastemaker/metadata"


def test_v12_start_up_may_take_as_long_as_the_values_say(build):
    objects = find_objects(render_files(build(server={"startup_seconds": 301})))
    pod = objects["Deployment", "model-server"]["spec"]["template"]["spec"]
    probe = pod["containers"][0]["startupProbe"]
    # 61 x 5 s is the first multiple from 301 s on.
    assert (probe["periodSeconds"], probe["failureThreshold"]) == (5, 61)


def test_o10_liveness_asks_for_health_that_a_flag_switches_on(container):
    assert container["livenessProbe"]["grpc"]["port"] == 8500
    assert "--enable_grpc_healthcheck_service=true" in container["args"]


def test_callers_leave_before_the_server_ends(pod, container):
    (_, seconds) = container["lifecycle"]["preStop"]["exec"]["command"]
    assert 0 < int(seconds) < pod["terminationGracePeriodSeconds"]


def test_every_mounted_path_has_a_volume(objects):
    for (kind, _), found in objects.items():
        if kind in ("Deployment", "StatefulSet"):
            pod = found["spec"]["template"]["spec"]
            claims = found["spec"].get("volumeClaimTemplates", [])
            volumes = {volume["name"] for volume in pod["volumes"]} | {
                claim["metadata"]["name"] for claim in claims
            }
            mounts = pod["containers"][0]["volumeMounts"]
            assert {mount["name"] for mount in mounts} == volumes


def test_every_config_file_of_a_flag_is_in_a_config_map(objects):
    pod = objects["Deployment", "model-server"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    maps = {
        volume["name"]: volume["configMap"]["name"]
        for volume in pod["volumes"]
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


def _get_digest(values):
    objects = find_objects(render_files(values))
    template = objects["Deployment", "model-server"]["spec"]["template"]
    return template["metadata"]["annotations"]


def test_labels_are_moved_without_a_restart(build):
    before = build(model={"versions": [1, 2], "labels": {"stable": 1}})
    after = build(model={"versions": [1, 2], "labels": {"stable": 2}})
    assert _get_digest(before) == _get_digest(after)


def test_changed_server_config_starts_new_pods(build):
    small = {"enabled": True, "max_batch_size": 8}
    before = build(server={"batching": {"enabled": True}})
    after = build(server={"batching": small})
    assert _get_digest(before) != _get_digest(after)


def test_number_of_servers_is_left_to_the_autoscaler(deployment):
    assert "replicas" not in deployment["spec"]


def test_callers_see_every_server(default_objects):
    service = default_objects["Service", "model-server"]
    assert service["spec"]["clusterIP"] == "None"
