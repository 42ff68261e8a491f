"""The gateway's Kubernetes objects; none if `gateway.enabled` is false.

A StatefulSet, even for one replica: each gateway has its own log, which its
successor must find again, and the old gateway must have closed it before the
new one starts.
"""

import hashlib

from serving.deploy import gateway_settings
from serving.deploy.pod import CLIENT_LABEL
from serving.deploy.pod import GATEWAY
from serving.deploy.pod import USER_ID
from serving.deploy.pod import build_container
from serving.deploy.pod import build_metadata
from serving.deploy.pod import build_pod_security
from serving.deploy.pod import build_pod_template
from serving.deploy.pod import build_resources
from serving.deploy.pod import build_tmp_volume
from serving.deploy.pod import select
from serving.deploy.server_config import MODELS_FOLDER
from serving.deploy.values import DeployValues
from serving.gateway.gateway_config import REDIS_PASSWORD_VARIABLE

_CONFIG_MAP = "gateway-config"
_STATE = "state"  # the claims are state-gateway-0, state-gateway-1 ...
_PROBE_SECONDS = 5


def build_gateway_objects(values: DeployValues) -> list[dict]:
    """Lists the ConfigMap, the StatefulSet and the Service.

    The operator creates the Secret with the API keys.
    """
    if not values.gateway.enabled:
        return []
    config = gateway_settings.render_gateway_config(values)
    config_map = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": build_metadata(values, _CONFIG_MAP),
        "data": {gateway_settings.CONFIG_FILE: config},
    }
    port = gateway_settings.GATEWAY_PORT
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": build_metadata(values, GATEWAY),
        "spec": {
            "selector": select(GATEWAY),
            "ports": [{"name": "http", "port": port, "targetPort": "http"}],
        },
    }
    return [config_map, _build_stateful_set(values, config), service]


def _build_stateful_set(values: DeployValues, config: str) -> dict:
    digest = hashlib.sha256(config.encode()).hexdigest()
    template = build_pod_template(
        GATEWAY,
        {
            # Without it the volume would belong to root.
            "securityContext": {
                **build_pod_security(),
                "fsGroup": USER_ID,
                "fsGroupChangePolicy": "OnRootMismatch",
            },
            "terminationGracePeriodSeconds": (
                values.server.drain_seconds + gateway_settings.STOP_SECONDS
            ),
            "containers": [_build_container(values)],
            "volumes": _build_volumes(values),
        },
        annotations={"tastemaker/gateway-config": digest},
        labels=CLIENT_LABEL,
    )
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": build_metadata(values, GATEWAY),
        "spec": {
            "serviceName": GATEWAY,
            "replicas": values.gateway.replicas,
            "selector": {"matchLabels": select(GATEWAY)},
            "minReadySeconds": 5,
            "revisionHistoryLimit": 5,
            "podManagementPolicy": "Parallel",  # none waits for another
            "template": template,
            "volumeClaimTemplates": [_build_claim(values)],
        },
    }


def _build_claim(values: DeployValues) -> dict:
    storage = f"{values.gateway.storage_gib}Gi"
    return {
        "metadata": {"name": _STATE},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": storage}},
        },
    }


def _build_container(values: DeployValues) -> dict:
    gateway = values.gateway
    num_starts = -(-gateway.startup_seconds // _PROBE_SECONDS)
    alive = {"path": gateway_settings.LIVENESS_PATH, "port": "http"}
    ready = {"path": gateway_settings.READINESS_PATH, "port": "http"}
    seconds = str(values.server.drain_seconds)
    return build_container(
        GATEWAY,
        values.images.gateway,
        {"http": gateway_settings.GATEWAY_PORT},
        args=gateway_settings.build_gateway_arguments(),
        env=_build_environment(values),
        resources=build_resources(gateway.cpus, gateway.memory_mib),
        # The port opens once the state has caught up with the log.
        startupProbe={
            "httpGet": alive,
            "periodSeconds": _PROBE_SECONDS,
            "failureThreshold": num_starts,
        },
        readinessProbe={
            "httpGet": ready,
            "periodSeconds": _PROBE_SECONDS,
            "timeoutSeconds": 3,  # it asks the model server, for up to one
            "failureThreshold": 3,
        },
        # Slow to restart, like the model server's probe.
        livenessProbe={
            "httpGet": alive,
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 6,
        },
        lifecycle={"preStop": {"exec": {"command": ["sleep", seconds]}}},
        volumeMounts=_build_mounts(values),
    )


def _build_environment(values: DeployValues) -> list[dict]:
    """Takes the password of Redis from the Secret, if it holds one."""
    if values.gateway.redis is None:
        return []
    source = {
        "name": values.gateway.keys_secret,
        "key": gateway_settings.REDIS_PASSWORD_KEY,
        "optional": True,
    }
    return [
        {
            "name": REDIS_PASSWORD_VARIABLE,
            "valueFrom": {"secretKeyRef": source},
        }
    ]


def _build_mounts(values: DeployValues) -> list[dict]:
    mounts = [
        _mount("config", gateway_settings.CONFIG_FOLDER),
        _mount("keys", gateway_settings.KEYS_FOLDER),
        {"name": _STATE, "mountPath": gateway_settings.STATE_FOLDER},
    ]
    if values.gateway.catalogue is not None:
        mounts.append(_mount("models", MODELS_FOLDER))
    return mounts


def _mount(name: str, path: str) -> dict:
    return {"name": name, "mountPath": path, "readOnly": True}


def _build_volumes(values: DeployValues) -> list[dict]:
    gateway = values.gateway
    keys = {
        "secretName": gateway.keys_secret,
        "items": [
            {
                "key": gateway_settings.KEYS_FILE,
                "path": gateway_settings.KEYS_FILE,
            }
        ],
        "defaultMode": 0o440,  # of the volume's group, which is ours
    }
    volumes: list[dict] = [
        {"name": "config", "configMap": {"name": _CONFIG_MAP}},
        {"name": "keys", "secret": keys},
        build_tmp_volume(),
    ]
    if gateway.catalogue is not None:
        claim = {"claimName": values.model.claim, "readOnly": True}
        volumes.append({"name": "models", "persistentVolumeClaim": claim})
    return volumes
