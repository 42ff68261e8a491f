"""Common parts of all pods: names, privileges, limits, probes."""

from collections.abc import Mapping
from collections.abc import Sequence

from serving.deploy.values import DeployValues

MODEL_SERVER = "model-server"
GATEWAY = "gateway"
# Pods with this label may connect to the model server.
CLIENT_LABEL = {"tastemaker/model-client": "true"}
USER_ID = 10001  # no user of the images' distributions


def build_metadata(
    values: DeployValues, name: str, **more: object
) -> dict[str, object]:
    """Builds the metadata of an object."""
    return {
        "name": name,
        "namespace": values.namespace,
        "labels": build_labels(name),
        **more,
    }


def build_labels(name: str) -> dict[str, str]:
    """Builds Kubernetes' recommended labels."""
    return {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/part-of": "tastemaker",
    }


def select(name: str) -> dict[str, str]:
    """Builds the labels that find the pods of a workload; they never change."""
    return {"app.kubernetes.io/name": name}


def build_resources(cpus: int, memory_mib: int) -> dict[str, object]:
    """Builds requests that equal limits.

    A model server's memory is known (two versions), and CPU time lost to a
    neighbour increases latency: neither is overcommitted.
    """
    amounts = {"cpu": str(cpus), "memory": f"{memory_mib}Mi"}
    return {"requests": dict(amounts), "limits": dict(amounts)}


def build_deployment(
    values: DeployValues,
    name: str,
    pod: Mapping[str, object],
    annotations: Mapping[str, str],
    labels: Mapping[str, str],
) -> dict[str, object]:
    """Builds a Deployment that never has fewer pods than its replicas.

    Args:
        values: the values file.
        name: of the workload.
        pod: containers, volumes and other fields of its pods.
        annotations: of the pods; a change of them starts new pods.
        labels: of the pods, beside the recommended ones.
    """
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": build_metadata(values, name),
        "spec": {
            "selector": {"matchLabels": select(name)},
            "minReadySeconds": 5,
            "progressDeadlineSeconds": values.server.startup_seconds + 300,
            "revisionHistoryLimit": 5,
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
            },
            "template": build_pod_template(name, pod, annotations, labels),
        },
    }


def build_pod_template(
    name: str,
    pod: Mapping[str, object],
    annotations: Mapping[str, str],
    labels: Mapping[str, str],
) -> dict[str, object]:
    """Builds the pod template of a workload.

    Args:
        name: of the workload.
        pod: as of `build_deployment`.
        annotations: likewise.
        labels: likewise.
    """
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": select(name)},
    }
    return {
        "metadata": {
            "labels": {**build_labels(name), **labels},
            "annotations": dict(annotations),
        },
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": build_pod_security(),
            "topologySpreadConstraints": [spread],
            **pod,
        },
    }


def build_container(
    name: str, image: str, ports: Mapping[str, int], **more: object
) -> dict[str, object]:
    """Builds a container without privileges, with a writable /tmp."""
    mounts: Sequence = more.pop("volumeMounts", [])
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [
            {"name": port_name, "containerPort": port}
            for port_name, port in ports.items()
        ],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [*mounts, {"name": "tmp", "mountPath": "/tmp"}],
        **more,
    }


def build_tmp_volume() -> dict[str, object]:
    """Builds the volume that every container may write to."""
    return {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}}


def build_pod_security() -> dict[str, object]:
    """Builds the security context: processes run as an ordinary user."""
    return {
        "runAsNonRoot": True,
        "runAsUser": USER_ID,
        "runAsGroup": USER_ID,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
