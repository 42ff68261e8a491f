"""Which pods may connect to which. Probes come from the node: no rule."""

from urllib.parse import urlsplit

from serving.deploy.gateway_settings import GATEWAY_PORT
from serving.deploy.pod import CLIENT_LABEL
from serving.deploy.pod import GATEWAY
from serving.deploy.pod import MODEL_SERVER
from serving.deploy.pod import build_metadata
from serving.deploy.pod import select
from serving.deploy.server_config import GRPC_PORT
from serving.deploy.server_config import REST_PORT
from serving.deploy.values import DeployValues

_REDIS_PORT = 6379  # where a URL names none


def build_network_policies(values: DeployValues) -> list[dict]:
    """Lists the policies of the model server and the gateway."""
    scrape_rest = {
        "from": [_select_prometheus(values)],
        "ports": [_build_port(REST_PORT)],
    }
    ask = {
        "from": [{"podSelector": {"matchLabels": CLIENT_LABEL}}],
        "ports": [_build_port(GRPC_PORT)],
    }
    policies = [
        # It opens no connection: the node mounts models and configs.
        _build_policy(values, MODEL_SERVER, [ask, scrape_rest], egress=[])
    ]
    if values.gateway.enabled:
        # Everybody may connect, Prometheus too: it requires an API key.
        calls = {"ports": [_build_port(GATEWAY_PORT)]}
        policies.append(
            _build_policy(values, GATEWAY, [calls], _list_calls(values))
        )
    return policies


def _list_calls(values: DeployValues) -> list[dict]:
    """Lists the servers that the gateway connects to."""
    names = {"ports": [_build_port(53, "UDP"), _build_port(53)]}
    model_server = {
        "to": [{"podSelector": {"matchLabels": select(MODEL_SERVER)}}],
        "ports": [_build_port(GRPC_PORT)],
    }
    calls = [names, model_server]
    if values.gateway.redis is not None:
        # The operator decides where it runs.
        port = urlsplit(values.gateway.redis).port or _REDIS_PORT
        calls.append({"ports": [_build_port(port)]})
    return calls


def _build_policy(
    values: DeployValues,
    name: str,
    ingress: list[dict],
    egress: list[dict],
) -> dict:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": build_metadata(values, name),
        "spec": {
            "podSelector": {"matchLabels": select(name)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": ingress,
            "egress": egress,
        },
    }


def _build_port(port: int, protocol: str = "TCP") -> dict:
    return {"protocol": protocol, "port": port}


def _select_prometheus(values: DeployValues) -> dict:
    labels = {"kubernetes.io/metadata.name": values.prometheus_namespace}
    return {"namespaceSelector": {"matchLabels": labels}}
