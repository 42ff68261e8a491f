import subprocess
import threading
from http.server import BaseHTTPRequestHandler
from http.server import HTTPServer

import jsonschema
import pytest
import yaml

from serving.deploy.compose import build_compose
from serving.deploy.compose import build_health_check


def _only(required: list[str], **properties: dict) -> dict:
    """An object that has these properties and no other."""
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


_TEXTS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_DURATION = {"type": "string", "pattern": r"^\d+(s|m|h)$"}
# What we use of the Compose Specification, with its names and types:
# https://github.com/compose-spec/compose-spec, schema/compose-spec.json.
_SERVICE = {
    "type": "object",
    "required": ["image", "mem_limit", "cpus", "restart"],
    "additionalProperties": False,
    "properties": {
        "image": {"type": "string"},
        "restart": {"enum": ["unless-stopped"]},
        "read_only": {"const": True},
        "cap_drop": {"const": ["ALL"]},
        "security_opt": {"const": ["no-new-privileges:true"]},
        "tmpfs": _TEXTS,
        "cpus": {"type": "number"},
        "mem_limit": {"type": "string", "pattern": r"^\d+m$"},
        "ports": {
            "type": "array",
            # Of this machine only: what answers there asks for no password.
            "items": {"type": "string", "pattern": r"^127\.0\.0\.1:\d+:\d+$"},
        },
        "logging": {
            "type": "object",
            "required": ["driver", "options"],
            "additionalProperties": False,
            "properties": {
                "driver": {"type": "string"},
                "options": {"additionalProperties": {"type": "string"}},
            },
        },
        "entrypoint": _TEXTS,
        "command": {"type": "array", "items": {"type": "string"}},
        "environment": {"type": "array", "items": {"type": "string"}},
        "user": {"type": "string", "pattern": r"^[1-9]\d*:[1-9]\d*$"},
        "stop_grace_period": _DURATION,
        "volumes": {
            "type": "array",
            "items": _only(
                ["type", "source", "target"],
                type={"enum": ["bind", "volume"]},
                source={"type": "string"},
                target={"type": "string", "pattern": "^/"},
                read_only={"type": "boolean"},
                bind=_only([], create_host_path={"type": "boolean"}),
            ),
        },
        "healthcheck": _only(
            ["test"],
            test=_TEXTS,
            interval=_DURATION,
            timeout=_DURATION,
            retries={"type": "integer"},
            start_period=_DURATION,
            start_interval=_DURATION,
        ),
    },
}
_SCHEMA = {
    "type": "object",
    "required": ["name", "services"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {"additionalProperties": _SERVICE},
        "volumes": {"type": "object"},
    },
}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ready" else 404)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def http_port():
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_compose_file_keeps_to_the_specification(files):
    jsonschema.validate(yaml.safe_load(files["compose.yaml"]), _SCHEMA)


def test_every_bound_folder_but_models_and_keys_is_rendered(values, files):
    services = build_compose(values)["services"].values()
    bound = {
        volume["source"].removeprefix("./")
        for service in services
        for volume in service.get("volumes", [])
        if volume["type"] == "bind"
    }
    folders = {path.rpartition("/")[0] for path in files}
    assert bound - folders <= {"models", "secrets"}


@pytest.mark.parametrize(
    ("path", "is_healthy"), [("/ready", True), ("/other", False)]
)
def test_health_check_needs_the_status_200(http_port, path, is_healthy):
    command = build_health_check(http_port, path)
    checked = subprocess.run(command, capture_output=True, check=False)
    assert (checked.returncode == 0) is is_healthy


def test_health_check_fails_where_nobody_listens():
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        port = server.server_port
    command = build_health_check(port, "/ready")
    assert subprocess.run(command, capture_output=True, check=False).returncode


def test_variables_of_the_health_check_are_left_to_bash(build):
    service = build_compose(build())["services"]["model-server"]
    script = service["healthcheck"]["test"][-1]
    assert "$" not in script.replace("$$", "")


def test_every_named_volume_is_declared(values):
    composed = build_compose(values)
    assert ("gateway" in composed["services"]) is values.gateway.enabled
    used = {
        volume["source"]
        for service in composed["services"].values()
        for volume in service.get("volumes", [])
        if volume["type"] == "volume"
    }
    assert used == set(composed["volumes"])


def test_gateway_reads_keys_and_writes_to_its_volume_only(build):
    values = build(gateway={"redis": "redis://r:6379/0"})
    gateway = build_compose(values)["services"]["gateway"]
    # The password of Redis is left to who calls compose.
    assert gateway["environment"] == ["TASTEMAKER_GATEWAY_REDIS_PASSWORD"]
    writable = {
        volume["target"]: volume.get("read_only", False)
        for volume in gateway["volumes"]
    }
    assert writable == {
        "/config": True,
        "/secrets": True,
        "/var/lib/gateway": False,
    }
