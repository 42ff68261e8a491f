"""The gateway in Kubernetes; nothing of it while `gateway.enabled` is off."""

from serving.deploy.pod import CLIENT_LABEL
from serving.deploy.pod import GATEWAY
from serving.deploy.pod import build_container
from serving.deploy.pod import build_deployment
from serving.deploy.pod import build_metadata
from serving.deploy.pod import build_resources
from serving.deploy.pod import build_tmp_volume
from serving.deploy.pod import select
from serving.deploy.values import DeployValues

GATEWAY_PORT = 8080


def build_gateway_objects(values: DeployValues) -> list[dict]:
    """Lists the Deployment, the Service and the PodDisruptionBudget."""
    if not values.gateway.enabled:
        return []
    deployment = build_deployment(
        values,
        GATEWAY,
        {
            "terminationGracePeriodSeconds": values.server.grace_seconds,
            "containers": [_build_container(values)],
            "volumes": [build_tmp_volume()],
        },
        annotations={},
        labels=CLIENT_LABEL,
    )
    deployment["spec"]["replicas"] = values.gateway.replicas
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": build_metadata(values, GATEWAY),
        "spec": {
            "selector": select(GATEWAY),
            "ports": [
                {"name": "http", "port": GATEWAY_PORT, "targetPort": "http"}
            ],
        },
    }
    return [deployment, service]


def _build_container(values: DeployValues) -> dict:
    gateway = values.gateway
    return build_container(
        GATEWAY,
        values.images.gateway,
        {"http": GATEWAY_PORT},
        args=list(gateway.arguments),
        resources=build_resources(gateway.cpus, gateway.memory_mib),
        readinessProbe={
            "httpGet": {"path": "/readyz", "port": "http"},
            "periodSeconds": 5,
            "timeoutSeconds": 2,
        },
        livenessProbe={
            "httpGet": {"path": "/healthz", "port": "http"},
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 6,
        },
        lifecycle={
            "preStop": {
                "exec": {"command": ["sleep", str(values.server.drain_seconds)]}
            }
        },
    )
