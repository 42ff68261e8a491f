"""Every file of every variant: what Kubernetes and an operator read."""

import shlex

import kubernetes_validate
import pytest
import yaml

from serving.deploy.first_steps import render_first_steps
from serving.deploy.render_yaml import render_yaml
from serving.deploy.rendered_files import render_files
from serving.deploy.rendered_files import write_files
from serving.gateway.access.api_keys import parse_keys
from serving.gateway.access.generate_key import main as generate_key
from tests.serving.deploy.conftest import find_objects

# The oldest that offers everything used, and the newest with a schema here.
_KUBERNETES_VERSIONS = ("1.30", kubernetes_validate.latest_version())
_SHARED = {"replicas": 3, "redis": "redis://r:6379/0"}


def _find_pods(objects) -> dict[str, dict]:
    """The pod template of each workload."""
    return {
        name: found["spec"]["template"]
        for (kind, name), found in objects.items()
        if kind in ("Deployment", "StatefulSet")
    }


@pytest.mark.parametrize("version", _KUBERNETES_VERSIONS)
def test_every_object_keeps_to_the_schema_of_kubernetes(objects, version):
    for found in objects.values():
        kubernetes_validate.validate(found, version, strict=True)


def test_every_object_is_in_the_namespace(objects, values):
    for (kind, _), found in objects.items():
        if kind != "Namespace":
            assert found["metadata"]["namespace"] == values.namespace


def test_every_selector_finds_the_pods_of_a_workload(objects):
    pods = [pod["metadata"]["labels"] for pod in _find_pods(objects).values()]
    for (kind, name), found in objects.items():
        spec = found.get("spec", {})
        selector = spec.get("podSelector", spec.get("selector"))
        if selector is not None:
            labels = selector if kind == "Service" else selector["matchLabels"]
            assert any(labels.items() <= pod.items() for pod in pods), name


def test_every_container_is_an_ordinary_user_s_that_writes_to_its_mounts(
    objects,
):
    for pod in _find_pods(objects).values():
        assert pod["spec"]["securityContext"]["runAsNonRoot"]
        assert pod["spec"]["securityContext"]["runAsUser"] > 0
        for container in pod["spec"]["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            # What a neighbour takes back is latency.
            resources = container["resources"]
            assert resources["requests"] == resources["limits"]


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


def test_every_service_leads_to_a_port_that_its_pods_listen_on(objects):
    pods = _find_pods(objects)
    for (kind, name), found in objects.items():
        if kind == "Service":
            (container,) = pods[name]["spec"]["containers"]
            listening = {one["name"] for one in container["ports"]}
            wanted = {one["targetPort"] for one in found["spec"]["ports"]}
            assert wanted <= listening


def test_pod_is_given_time_after_its_callers_have_left(objects):
    for name, pod in _find_pods(objects).items():
        hook = pod["spec"]["containers"][0]["lifecycle"]["preStop"]
        (_, seconds) = hook["exec"]["command"]
        # uvicorn, the gateway's server, gives requests 10 s of it.
        needed = 10 if name == "gateway" else 0
        left = pod["spec"]["terminationGracePeriodSeconds"] - int(seconds)
        assert left > needed
        assert int(seconds) > 0


def test_one_pod_goes_at_a_time_where_there_are_several(objects, values):
    budgets = {
        name: found["spec"]["maxUnavailable"]
        for (kind, name), found in objects.items()
        if kind == "PodDisruptionBudget"
    }
    expected = {"model-server": 1}
    if values.gateway.enabled and values.gateway.replicas > 1:
        expected["gateway"] = 1
    assert budgets == expected


def test_slow_start_is_not_taken_for_a_hang(build):
    values = build(
        server={"startup_seconds": 301}, gateway={"startup_seconds": 301}
    )
    for pod in _find_pods(find_objects(render_files(values))).values():
        probe = pod["spec"]["containers"][0]["startupProbe"]
        # 61 x 5 s is the first multiple from 301 s on.
        assert (probe["periodSeconds"], probe["failureThreshold"]) == (5, 61)


@pytest.mark.parametrize(
    ("workload", "before", "after", "is_restarted"),
    [
        (
            "gateway",
            {},
            {"gateway": {"config": {"limits": {"requests_per_second": 7}}}},
            True,
        ),
        ("gateway", {}, {"gateway": {"memory_mib": 600}}, False),
        (
            "model-server",
            {"server": {"batching": {"enabled": True}}},
            {"server": {"batching": {"enabled": True, "max_batch_size": 8}}},
            True,
        ),
        (  # labels are moved while it runs
            "model-server",
            {"model": {"versions": [1, 2], "labels": {"stable": 1}}},
            {"model": {"versions": [1, 2], "labels": {"stable": 2}}},
            False,
        ),
    ],
)
def test_config_that_is_read_at_start_starts_new_pods(
    build, workload, before, after, is_restarted
):
    digests = [
        _find_pods(find_objects(render_files(build(**changes))))[workload][
            "metadata"
        ]["annotations"]
        for changes in (before, after)
    ]
    assert (digests[0] != digests[1]) is is_restarted


def test_files_are_written_below_the_folder(build, tmp_path):
    written = write_files(build(), tmp_path / "new")
    assert tmp_path / "new" / "compose.yaml" in written
    assert all(path.is_file() for path in written)


def test_yaml_is_read_back_as_it_was_and_holds_no_references():
    labels = {"name": "gateway"}
    documents = [{"b": [1, "yes"], "a": None}, {"x": labels, "y": labels}]
    text = render_yaml(documents)
    assert list(yaml.safe_load_all(text)) == documents
    assert text.count("name: gateway") == 2


def _list_commands(text):
    """Indented lines, those that go on joined."""
    lines = [line[4:] for line in text.splitlines() if line[:4] == "    "]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [shlex.split(line) for line in joined.splitlines()]


def test_command_for_keys_makes_a_line_of_the_key_file(build, capsys):
    commands = _list_commands(render_first_steps(build()))
    (command,) = [c for c in commands if c[:2] == ["docker", "run"]]
    module = command.index("serving.gateway.access.generate_key")
    assert command[-2:] == [">>", "secrets/keys.yaml"]
    assert generate_key(command[module + 1 : -2]) == 0
    (key,) = parse_keys(capsys.readouterr().out, "keys.yaml")
    assert key.name == "shop"


def test_secret_is_made_of_the_file_that_the_pods_read(build):
    values = build(gateway={"keys_secret": "k", "keys_host_folder": "./f"})
    commands = _list_commands(render_first_steps(values))
    (command,) = [c for c in commands if "secret" in c]
    assert "--from-file=keys.yaml=f/keys.yaml" in command
    assert command[command.index("generic") + 1] == "k"
    assert command[command.index("-n") + 1] == values.namespace


def test_no_key_is_rendered(files):
    # What `draw_key` begins a key with.
    assert not any("tm_" in text for text in files.values())
    assert not any("sha256:" in text for text in files.values())


@pytest.mark.parametrize(
    ("gateway", "told", "untold"),
    [
        ({}, ["must share a Redis", "`POST /v1/spans`"], ["password"]),
        (
            _SHARED,
            ["`TASTEMAKER_GATEWAY_REDIS_PASSWORD`", "=redis-password="],
            ["must share a Redis"],
        ),
        ({"enabled": False}, ["docker compose up"], ["key"]),
    ],
)
def test_first_steps_are_those_of_the_deployment(build, gateway, told, untold):
    text = render_first_steps(build(gateway=gateway))
    assert all(part in text for part in told)
    assert not any(part in text for part in untold)


def test_first_steps_keep_the_pusher_off_what_is_pinned(build):
    text = render_first_steps(build())
    assert "`model-server/models/models.config` into `pusher.server" in text
