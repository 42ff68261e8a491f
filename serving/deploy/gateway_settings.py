"""The gateway's flags and config file, on one machine and in a cluster."""

from serving.deploy.pod import MODEL_SERVER
from serving.deploy.render_yaml import render_yaml
from serving.deploy.server_config import GRPC_PORT
from serving.deploy.server_config import MODELS_FOLDER
from serving.deploy.values import DeployValues
from serving.version_labels import STABLE

GATEWAY_PORT = 8080
READINESS_PATH = "/readyz"
LIVENESS_PATH = "/healthz"
METRICS_PATH = "/metrics"
CONFIG_FOLDER = "/config"
CONFIG_FILE = "gateway.yaml"
KEYS_FOLDER = "/secrets"
KEYS_FILE = "keys.yaml"
REDIS_PASSWORD_KEY = "redis-password"  # in the Secret of the keys
STATE_FOLDER = "/var/lib/gateway"  # as in gateway.Dockerfile; a volume
_SPAN_HOURS = 24  # unless the config says otherwise
# Ten for the requests that run, the rest to save what was learnt.
STOP_SECONDS = 30


def build_gateway_arguments() -> list[str]:
    """Lists the flags of `python -m serving.gateway`."""
    return [
        "--host=0.0.0.0",
        f"--port={GATEWAY_PORT}",
        f"--config={CONFIG_FOLDER}/{CONFIG_FILE}",
        f"--keys={KEYS_FOLDER}/{KEYS_FILE}",
    ]


def render_gateway_config(values: DeployValues) -> str:
    """Writes the gateway's YAML: its settings, addresses and paths."""
    gateway = values.gateway
    settings = dict(gateway.config)
    if gateway.catalogue is not None:
        settings["catalogue"] = f"{MODELS_FOLDER}/{gateway.catalogue}"
    settings["upstream"] = {
        **settings.get("upstream", {}),
        "address": f"{MODEL_SERVER}:{GRPC_PORT}",
        "model_name": values.model.name,
    }
    if STABLE in values.model.labels:
        # Else a higher version that is loaded for a test answers everybody.
        settings["upstream"].setdefault("version_label", STABLE)
    settings["storage"] = {
        "span_hours": _SPAN_HOURS,
        **settings.get("storage", {}),
        "state": gateway.redis or f"sqlite:///{STATE_FOLDER}/state.sqlite",
        "log": f"{STATE_FOLDER}/log",
    }
    return render_yaml([settings])
