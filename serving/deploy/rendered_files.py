"""Everything that a deployment consists of, as files.

<output>/
    README.md                         what to do first, and how to start it
    compose.yaml                      one machine
    model-server/models/models.config     read again while it runs
    model-server/server/*.config          read at start
    gateway/gateway.yaml              policies, rules, experiments, limits
    prometheus/prometheus.yml         for compose.yaml
    prometheus/rules.yml              alerts, here and in the cluster
    kubernetes/*.yaml                 kubectl apply -f kubernetes/
    cluster/prometheus-scrape.yml     to add to the cluster's Prometheus
    cluster/prometheus-adapter.yml    the autoscaler's metric
"""

from collections.abc import Iterable
from pathlib import Path

from serving.deploy.compose import build_compose
from serving.deploy.first_steps import render_first_steps
from serving.deploy.gateway_objects import build_gateway_objects
from serving.deploy.gateway_settings import CONFIG_FILE
from serving.deploy.gateway_settings import render_gateway_config
from serving.deploy.model_server_objects import build_model_server_objects
from serving.deploy.network_policies import build_network_policies
from serving.deploy.prometheus import RULES_FILE
from serving.deploy.prometheus import build_adapter_rules
from serving.deploy.prometheus import build_alert_rules
from serving.deploy.prometheus import build_compose_scrape_config
from serving.deploy.prometheus import build_kubernetes_scrape_config
from serving.deploy.render_yaml import render_yaml
from serving.deploy.scaling import build_scaling_objects
from serving.deploy.server_config import MODELS_CONFIG
from serving.deploy.server_config import render_models_config
from serving.deploy.server_config import render_server_configs
from serving.deploy.values import DeployValues

_HEADER = "# Rendered by `python -m serving.deploy`; edit the values instead.\n"


def render_files(values: DeployValues) -> dict[str, str]:
    """Renders every file, by its path below the output folder."""
    namespace = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": values.namespace},
    }
    objects = {
        "00-namespace": [namespace],
        "10-model-server": build_model_server_objects(values),
        "20-gateway": build_gateway_objects(values),
        "30-scaling": build_scaling_objects(values),
        "40-network-policies": build_network_policies(values),
    }
    files = {
        "compose.yaml": [build_compose(values)],
        "prometheus/prometheus.yml": [build_compose_scrape_config(values)],
        f"prometheus/{RULES_FILE}": [build_alert_rules(values)],
        "cluster/prometheus-scrape.yml": [
            build_kubernetes_scrape_config(values)
        ],
        "cluster/prometheus-adapter.yml": [build_adapter_rules()],
    } | {f"kubernetes/{name}.yaml": found for name, found in objects.items()}
    rendered = {
        path: _render_documents(documents)
        for path, documents in files.items()
        if documents
    }
    models_config = render_models_config(values)
    rendered[f"model-server/models/{MODELS_CONFIG}"] = _HEADER + models_config
    for name, text in render_server_configs(values).items():
        rendered[f"model-server/server/{name}"] = _HEADER + text
    if values.gateway.enabled:
        config = render_gateway_config(values)
        rendered[f"gateway/{CONFIG_FILE}"] = _HEADER + config
    rendered["README.md"] = _HEADER + render_first_steps(values)
    return rendered


def write_files(values: DeployValues, output: Path) -> list[Path]:
    """Writes every file below `output`, over what is there.

    Raises:
        OSError: a file cannot be written.
    """
    written = []
    for name, text in render_files(values).items():
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        written.append(path)
    return written


def _render_documents(documents: Iterable[dict]) -> str:
    return _HEADER + render_yaml(documents)
