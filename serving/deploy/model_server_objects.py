"""The model server's Kubernetes objects: workload, configs, service."""

import hashlib

from serving.deploy.pod import MODEL_SERVER
from serving.deploy.pod import build_container
from serving.deploy.pod import build_deployment
from serving.deploy.pod import build_metadata
from serving.deploy.pod import build_resources
from serving.deploy.pod import build_tmp_volume
from serving.deploy.pod import select
from serving.deploy.server_config import COMMANDS
from serving.deploy.server_config import GRPC_PORT
from serving.deploy.server_config import MODELS_CONFIG
from serving.deploy.server_config import MODELS_CONFIG_FOLDER
from serving.deploy.server_config import MODELS_FOLDER
from serving.deploy.server_config import REST_PORT
from serving.deploy.server_config import SERVER_CONFIG_FOLDER
from serving.deploy.server_config import build_arguments
from serving.deploy.server_config import get_image
from serving.deploy.server_config import get_memory_mib
from serving.deploy.server_config import get_readiness_path
from serving.deploy.server_config import render_models_config
from serving.deploy.server_config import render_server_configs
from serving.deploy.values import DeployValues

_MODELS_CONFIG_MAP = "model-server-models"
_SERVER_CONFIG_MAP = "model-server-config"
_PROBE_SECONDS = 5


def build_model_server_objects(values: DeployValues) -> list[dict]:
    """Lists the Deployment, its ConfigMaps and its Service."""
    return [
        *_build_config_maps(values),
        _build_deployment(values),
        _build_service(values),
    ]


def _build_config_maps(values: DeployValues) -> list[dict]:
    files = {
        _MODELS_CONFIG_MAP: {MODELS_CONFIG: render_models_config(values)},
        _SERVER_CONFIG_MAP: render_server_configs(values),
    }
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": build_metadata(values, name),
            "data": data,
        }
        for name, data in files.items()
    ]


def _build_deployment(values: DeployValues) -> dict:
    server_config = repr(sorted(render_server_configs(values).items()))
    # Not of models.config: the running server reads that one again.
    digest = hashlib.sha256(server_config.encode()).hexdigest()
    return build_deployment(
        values,
        MODEL_SERVER,
        {
            "terminationGracePeriodSeconds": values.server.grace_seconds,
            "containers": [_build_container(values)],
            "volumes": _build_volumes(values),
        },
        annotations={"tastemaker/server-config": digest},
        labels={},
    )


def _build_container(values: DeployValues) -> dict:
    server = values.server
    ready = {"path": get_readiness_path(values), "port": "rest"}
    num_starts = -(-server.startup_seconds // _PROBE_SECONDS)
    return build_container(
        MODEL_SERVER,
        get_image(values),
        {"grpc": GRPC_PORT, "rest": REST_PORT},
        command=COMMANDS[server.kind],
        args=build_arguments(values),
        resources=build_resources(server.cpus, get_memory_mib(values)),
        # The ports open once the first version is ready.
        startupProbe={
            "httpGet": ready,
            "periodSeconds": _PROBE_SECONDS,
            "failureThreshold": num_starts,
        },
        readinessProbe={
            "httpGet": ready,
            "periodSeconds": _PROBE_SECONDS,
            "timeoutSeconds": 2,
            "failureThreshold": 3,
        },
        # Slow to restart: an overloaded server must refuse requests instead.
        livenessProbe={
            "grpc": {"port": GRPC_PORT},
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 6,
        },
        # The stock server ends at once on SIGTERM; callers leave first.
        lifecycle={
            "preStop": {"exec": {"command": _build_sleep(values)}},
        },
        volumeMounts=[
            _mount("models", MODELS_FOLDER),
            _mount("models-config", MODELS_CONFIG_FOLDER),
            _mount("server-config", SERVER_CONFIG_FOLDER),
        ],
    )


def _build_sleep(values: DeployValues) -> list[str]:
    return ["sleep", str(values.server.drain_seconds)]


def _mount(name: str, path: str) -> dict:
    return {"name": name, "mountPath": path, "readOnly": True}


def _build_volumes(values: DeployValues) -> list[dict]:
    claim = {"claimName": values.model.claim, "readOnly": True}
    return [
        {"name": "models", "persistentVolumeClaim": claim},
        {"name": "models-config", "configMap": {"name": _MODELS_CONFIG_MAP}},
        {"name": "server-config", "configMap": {"name": _SERVER_CONFIG_MAP}},
        build_tmp_volume(),
    ]


def _build_service(values: DeployValues) -> dict:
    """Headless service: clients see every server and balance their calls.

    Behind a virtual address, each long-lived gRPC connection would send all its
    calls to one server.
    """
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": build_metadata(values, MODEL_SERVER),
        "spec": {
            "clusterIP": "None",
            "selector": select(MODEL_SERVER),
            "ports": [
                {"name": "grpc", "port": GRPC_PORT, "targetPort": "grpc"},
                {"name": "rest", "port": REST_PORT, "targetPort": "rest"},
            ],
        },
    }
