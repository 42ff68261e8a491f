"""The number of pods: autoscaling on latency, and disruption budgets."""

from serving.deploy.pod import GATEWAY
from serving.deploy.pod import MODEL_SERVER
from serving.deploy.pod import build_metadata
from serving.deploy.pod import select
from serving.deploy.prometheus import LATENCY_P95
from serving.deploy.values import DeployValues


def build_scaling_objects(values: DeployValues) -> list[dict]:
    """Lists the HorizontalPodAutoscaler and the PodDisruptionBudgets.

    The operator sets the number of gateways: a gateway that an autoscaler
    removes would leave a log that nothing reads. A budget for a single pod
    would have no effect.
    """
    workloads = [MODEL_SERVER]
    if values.gateway.enabled and values.gateway.replicas > 1:
        workloads.append(GATEWAY)
    return [
        _build_autoscaler(values),
        *(_build_disruption_budget(values, name) for name in workloads),
    ]


def _build_autoscaler(values: DeployValues) -> dict:
    wanted = values.autoscaling
    # Latency is what callers feel. CPU stands beside it, for latency alone
    # also rises for reasons that more servers do not cure.
    latency = {
        "type": "Pods",
        "pods": {
            "metric": {"name": LATENCY_P95},
            "target": {
                "type": "AverageValue",
                "averageValue": str(round(1000 * wanted.latency_p95_ms)),
            },
        },
    }
    cpu = {
        "type": "Resource",
        "resource": {
            "name": "cpu",
            "target": {
                "type": "Utilization",
                "averageUtilization": wanted.cpu_percent,
            },
        },
    }
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": build_metadata(values, MODEL_SERVER),
        "spec": {
            "scaleTargetRef": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": MODEL_SERVER,
            },
            "minReplicas": wanted.min_replicas,
            "maxReplicas": wanted.max_replicas,
            "metrics": [latency, cpu],
            "behavior": _build_behavior(),
        },
    }


def _build_behavior() -> dict:
    """Up at once, by half; down one a minute after five calm minutes."""
    return {
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "selectPolicy": "Max",
            "policies": [
                {"type": "Percent", "value": 50, "periodSeconds": 60},
                {"type": "Pods", "value": 2, "periodSeconds": 60},
            ],
        },
        "scaleDown": {
            "stabilizationWindowSeconds": 300,
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
        },
    }


def _build_disruption_budget(values: DeployValues, name: str) -> dict:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": build_metadata(values, name),
        "spec": {
            "maxUnavailable": 1,
            "selector": {"matchLabels": select(name)},
            # A pod that is not ready anyway must not keep a node.
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }
