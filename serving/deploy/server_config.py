"""The model server's flags and config files, the same for both servers."""

import json
from collections.abc import Iterator
from collections.abc import Mapping

from serving.deploy.values import DeployValues

GRPC_PORT = 8500
REST_PORT = 8501
METRICS_PATH = "/monitoring/prometheus/metrics"
MODELS_FOLDER = "/models"
# Two folders, because one is read again while the server runs and a change
# of the other means a restart.
MODELS_CONFIG_FOLDER = "/etc/model-server/models"
SERVER_CONFIG_FOLDER = "/etc/model-server/server"

MODELS_CONFIG = "models.config"
MONITORING_CONFIG = "monitoring.config"
BATCHING_CONFIG = "batching.config"

# The command that starts a server; it replaces the image's entry point.
COMMANDS = {
    "stock": ["tensorflow_model_server"],
    "embedded": ["python", "-m", "serving.model_server"],
}


def get_image(values: DeployValues) -> str:
    """Returns the image of the chosen server."""
    images = {"stock": values.images.stock, "embedded": values.images.embedded}
    return images[values.server.kind]


def get_readiness_path(values: DeployValues) -> str:
    """Path that answers 200 only while a version is loaded.

    The shorter path of the model's status answers 200 even if every version has
    failed (model_servers/get_model_status_impl.cc); metadata needs a loaded
    version.
    """
    return f"/v1/models/{values.model.name}/metadata"


def get_memory_mib(values: DeployValues) -> int:
    """Memory of a server: the old version stays until the new one is ready.

    Every labelled version counts, and one more for the swap.
    """
    num_versions = max(len(values.model.versions), 1) + 1
    return values.server.overhead_mib + num_versions * values.model.memory_mib


def build_arguments(values: DeployValues) -> list[str]:
    """Lists the flags of tensorflow_model_server (model_servers/main.cc)."""
    server = values.server
    age_ms = 1000 * server.connection_age_seconds
    grace_ms = 1000 * (server.grace_seconds - server.drain_seconds)
    flags: dict[str, object] = {
        "port": GRPC_PORT,
        "rest_api_port": REST_PORT,
        "model_config_file": f"{MODELS_CONFIG_FOLDER}/{MODELS_CONFIG}",
        "model_config_file_poll_wait_seconds": server.config_poll_seconds,
        "file_system_poll_wait_seconds": server.file_poll_seconds,
        "monitoring_config_file": (
            f"{SERVER_CONFIG_FOLDER}/{MONITORING_CONFIG}"
        ),
        "enable_grpc_healthcheck_service": "true",
        # With the default, 0, one version that fails to load stalls the
        # loads of all models for minutes (core/basic_manager.cc).
        "num_load_threads": 2,
        "load_retry_interval_micros": 1_000_000 * server.load_retry_seconds,
        # A gRPC connection lives as long as its client: without a maximum age,
        # servers that autoscaling adds would get no requests.
        "grpc_channel_arguments": (
            f"grpc.max_connection_age_ms={age_ms},"
            f"grpc.max_connection_age_grace_ms={grace_ms}"
        ),
        # The default is a thread for each CPU of the node, not of the limit.
        "tensorflow_session_parallelism": server.cpus,
    }
    if values.model.labels:
        # A server that starts has nothing available yet, and would refuse
        # its own config (model_servers/server_core.cc).
        flags["allow_version_labels_for_unavailable_models"] = "true"
    if server.batching.enabled:
        flags["enable_batching"] = "true"
        flags["batching_parameters_file"] = (
            f"{SERVER_CONFIG_FOLDER}/{BATCHING_CONFIG}"
        )
    return [f"--{name}={value}" for name, value in flags.items()]


def render_models_config(values: DeployValues) -> str:
    """Text proto `ModelServerConfig` with the model and its labels."""
    model = values.model
    config: dict[str, object] = {
        "name": model.name,
        "base_path": f"{MODELS_FOLDER}/{model.name}",
        "model_platform": "tensorflow",
    }
    if model.versions:
        versions = sorted(model.versions)
        config["model_version_policy"] = {"specific": {"versions": versions}}
    if model.labels:
        config["version_labels"] = [
            {"key": label, "value": version}
            for label, version in sorted(model.labels.items())
        ]
    return _format({"model_config_list": {"config": config}})


def render_server_configs(values: DeployValues) -> dict[str, str]:
    """The files that are read once, at start, by name."""
    monitoring = {"prometheus_config": {"enable": True, "path": METRICS_PATH}}
    files = {MONITORING_CONFIG: _format(monitoring)}
    batching = values.server.batching
    if batching.enabled:
        files[BATCHING_CONFIG] = _format(
            {
                "max_batch_size": {"value": batching.max_batch_size},
                "batch_timeout_micros": {
                    "value": batching.batch_timeout_micros
                },
                "max_enqueued_batches": {
                    "value": batching.max_enqueued_batches
                },
                "num_batch_threads": {"value": values.server.cpus},
                "pad_variable_length_inputs": True,
            }
        )
    return files


def _format(fields: Mapping[str, object]) -> str:
    """Writes a protobuf message as text."""
    return "".join(f"{line}\n" for line in _list_lines(fields))


def _list_lines(fields: Mapping[str, object]) -> Iterator[str]:
    for name, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                yield f"{name} {{"
                yield from (f"  {line}" for line in _list_lines(item))
                yield "}"
            else:  # JSON writes texts, whole numbers and booleans alike
                yield f"{name}: {json.dumps(item)}"
