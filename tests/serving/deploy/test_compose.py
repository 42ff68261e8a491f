import subprocess
import threading
from http.server import BaseHTTPRequestHandler
from http.server import HTTPServer

import jsonschema
import pytest
import yaml

from serving.deploy.compose import build_compose
from serving.deploy.compose import build_health_check

_TEXTS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_DURATION = {"type": "string", "pattern": r"^\d+(s|m|h)$"}
_VOLUME = {
    "type": "object",
    "required": ["type", "source", "target"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["bind", "volume"]},
        "source": {"type": "string"},
        "target": {"type": "string", "pattern": "^/"},
        "read_only": {"type": "boolean"},
        "bind": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"create_host_path": {"type": "boolean"}},
        },
    },
}
_HEALTH_CHECK = {
    "type": "object",
    "required": ["test"],
    "additionalProperties": False,
    "properties": {
        "test": _TEXTS,
        "interval": _DURATION,
        "timeout": _DURATION,
        "retries": {"type": "integer"},
        "start_period": _DURATION,
        "start_interval": _DURATION,
    },
}
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
        "volumes": {"type": "array", "items": _VOLUME},
        "healthcheck": _HEALTH_CHECK,
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
    used = {
        volume["source"]
        for service in composed["services"].values()
        for volume in service.get("volumes", [])
        if volume["type"] == "volume"
    }
    assert used == set(composed["volumes"])


def test_gateway_reads_keys_and_writes_to_its_volume_only(build):
    gateway = build_compose(build())["services"]["gateway"]
    writable = {
        volume["target"]: volume.get("read_only", False)
        for volume in gateway["volumes"]
    }
    assert writable == {
        "/config": True,
        "/secrets": True,
        "/var/lib/gateway": False,
    }


def test_password_of_redis_is_left_to_who_calls_compose(build):
    values = build(gateway={"redis": "redis://r:6379/0"})
    service = build_compose(values)["services"]["gateway"]
    assert service["environment"] == ["TASTEMAKER_GATEWAY_REDIS_PASSWORD"]


def test_gateway_that_is_off_is_not_composed(build):
    services = build_compose(build(gateway={"enabled": False}))["services"]
    assert "gateway" not in services
