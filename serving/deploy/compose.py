"""The deployment on one machine, for `docker compose`."""

from serving.deploy.gateway_settings import CONFIG_FOLDER
from serving.deploy.gateway_settings import GATEWAY_PORT
from serving.deploy.gateway_settings import KEYS_FOLDER
from serving.deploy.gateway_settings import READINESS_PATH
from serving.deploy.gateway_settings import STATE_FOLDER
from serving.deploy.gateway_settings import STOP_SECONDS
from serving.deploy.gateway_settings import build_gateway_arguments
from serving.deploy.pod import GATEWAY
from serving.deploy.pod import MODEL_SERVER
from serving.deploy.pod import USER_ID
from serving.deploy.server_config import COMMANDS
from serving.deploy.server_config import GRPC_PORT
from serving.deploy.server_config import MODELS_CONFIG_FOLDER
from serving.deploy.server_config import MODELS_FOLDER
from serving.deploy.server_config import REST_PORT
from serving.deploy.server_config import SERVER_CONFIG_FOLDER
from serving.deploy.server_config import build_arguments
from serving.deploy.server_config import get_image
from serving.deploy.server_config import get_memory_mib
from serving.deploy.server_config import get_readiness_path
from serving.deploy.values import DeployValues
from serving.gateway.gateway_config import REDIS_PASSWORD_VARIABLE

PROMETHEUS = "prometheus"
_PROMETHEUS_PORT = 9090
_LOOPBACK = "127.0.0.1"


def build_compose(values: DeployValues) -> dict:
    """Builds compose.yaml; its paths are relative to the rendered folder."""
    services = {MODEL_SERVER: _build_model_server(values)}
    services[PROMETHEUS] = _build_prometheus(values)
    volumes: dict[str, dict] = {PROMETHEUS: {}}
    if values.gateway.enabled:
        services[GATEWAY] = _build_gateway(values)
        volumes[GATEWAY] = {}
    return {
        "name": values.namespace,
        "services": services,
        "volumes": volumes,
    }


def build_health_check(port: int, path: str) -> list[str]:
    """Builds a command that succeeds while a path answers 200.

    The stock image has neither curl nor Python, but bash opens sockets.
    """
    script = (
        f"exec 3<>/dev/tcp/{_LOOPBACK}/{port} && "
        f"printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3 && "
        'read -r -t 5 -u 3 _ status _ && test "$status" = 200'
    )
    return ["bash", "-c", script]


def _build_service(
    image: str, cpus: int, memory_mib: int, ports: list[int], **more: object
) -> dict:
    """Builds a service without privileges, with ports for this machine only."""
    return {
        "image": image,
        "restart": "unless-stopped",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "tmpfs": ["/tmp:size=256m"],
        "cpus": cpus,
        "mem_limit": f"{memory_mib}m",
        "ports": [f"{_LOOPBACK}:{port}:{port}" for port in ports],
        "logging": {
            "driver": "json-file",
            "options": {"max-size": "10m", "max-file": "5"},
        },
        **more,
    }


def _build_model_server(values: DeployValues) -> dict:
    server = values.server
    check = build_health_check(REST_PORT, get_readiness_path(values))
    model = values.model
    return _build_service(
        get_image(values),
        server.cpus,
        get_memory_mib(values),
        [GRPC_PORT, REST_PORT],
        entrypoint=COMMANDS[server.kind],
        command=build_arguments(values),
        user=f"{USER_ID}:{USER_ID}",
        stop_grace_period=f"{server.grace_seconds}s",
        volumes=[
            _bind(model.host_folder, MODELS_FOLDER),
            _bind("./model-server/models", MODELS_CONFIG_FOLDER),
            _bind("./model-server/server", SERVER_CONFIG_FOLDER),
        ],
        healthcheck=_build_health_check(check, server.startup_seconds),
    )


def _build_gateway(values: DeployValues) -> dict:
    """Builds the gateway; it starts without waiting for the model server."""
    gateway = values.gateway
    check = build_health_check(GATEWAY_PORT, READINESS_PATH)
    volumes = [
        _bind("./gateway", CONFIG_FOLDER),
        _bind(gateway.keys_host_folder, KEYS_FOLDER),
        _keep(GATEWAY, STATE_FOLDER),
    ]
    if gateway.catalogue is not None:
        volumes.append(_bind(values.model.host_folder, MODELS_FOLDER))
    # Only the name: the value comes from the environment of `docker compose`.
    environment = [] if gateway.redis is None else [REDIS_PASSWORD_VARIABLE]
    return _build_service(
        values.images.gateway,
        gateway.cpus,
        gateway.memory_mib,
        [GATEWAY_PORT],
        command=build_gateway_arguments(),
        environment=environment,
        user=f"{USER_ID}:{USER_ID}",
        stop_grace_period=f"{STOP_SECONDS}s",
        volumes=volumes,
        healthcheck=_build_health_check(check, gateway.startup_seconds),
    )


def _build_prometheus(values: DeployValues) -> dict:
    return _build_service(
        values.images.prometheus,
        1,
        1024,
        [_PROMETHEUS_PORT],
        volumes=[
            _bind("./prometheus", "/etc/prometheus"),
            _keep(PROMETHEUS, "/prometheus"),
        ],
    )


def _bind(source: str, target: str) -> dict:
    return {
        "type": "bind",
        "source": source,
        "target": target,
        "read_only": True,
        # A mistyped folder is an error; without this, an empty one would be
        # created.
        "bind": {"create_host_path": False},
    }


def _keep(source: str, target: str) -> dict:
    return {"type": "volume", "source": source, "target": target}


def _build_health_check(command: list[str], startup_seconds: int) -> dict:
    # Compose would replace "$" and what follows by a variable.
    return {
        "test": ["CMD", *(word.replace("$", "$$") for word in command)],
        "interval": "10s",
        "timeout": "6s",
        "retries": 3,
        "start_period": f"{startup_seconds}s",
        "start_interval": "2s",
    }
