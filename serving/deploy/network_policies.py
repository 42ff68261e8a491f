"""Who may talk to whom. Probes come from the node and need no rule."""

from serving.deploy.gateway_objects import GATEWAY_PORT
from serving.deploy.pod import CLIENT_LABEL
from serving.deploy.pod import GATEWAY
from serving.deploy.pod import MODEL_SERVER
from serving.deploy.pod import build_metadata
from serving.deploy.pod import select
from serving.deploy.server_config import GRPC_PORT
from serving.deploy.server_config import REST_PORT
from serving.deploy.values import DeployValues


def build_network_policies(values: DeployValues) -> list[dict]:
    """Lists the policies of the model server and the gateway."""
    scrape_rest = _allow(_select_prometheus(values), REST_PORT)
    ask = _allow([{"podSelector": {"matchLabels": CLIENT_LABEL}}], GRPC_PORT)
    policies = [
        # It asks nobody: models and configs are mounted by the node.
        _build_policy(values, MODEL_SERVER, [ask, scrape_rest], egress=[])
    ]
    if values.gateway.enabled:
        # Anybody may call it; whom it calls is up to its arguments.
        policies.append(
            _build_policy(values, GATEWAY, [_allow([], GATEWAY_PORT)], None)
        )
    return policies


def _build_policy(
    values: DeployValues,
    name: str,
    ingress: list[dict],
    egress: list[dict] | None,
) -> dict:
    spec: dict[str, object] = {
        "podSelector": {"matchLabels": select(name)},
        "policyTypes": ["Ingress"],
        "ingress": ingress,
    }
    if egress is not None:
        spec |= {"policyTypes": ["Ingress", "Egress"], "egress": egress}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": build_metadata(values, name),
        "spec": spec,
    }


def _allow(peers: list[dict], port: int) -> dict:
    rule: dict[str, object] = {"ports": [{"protocol": "TCP", "port": port}]}
    return {"from": peers, **rule} if peers else rule


def _select_prometheus(values: DeployValues) -> list[dict]:
    labels = {"kubernetes.io/metadata.name": values.prometheus_namespace}
    return [{"namespaceSelector": {"matchLabels": labels}}]
