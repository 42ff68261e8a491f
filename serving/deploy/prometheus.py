"""What Prometheus scrapes, derives and alerts on.

It uses only metrics that both model servers have: `:tensorflow:serving:...`,
latencies in microseconds (servables/tensorflow/util.cc), and TensorFlow's own
count of loads (cc/saved_model/loader.cc).
"""

from serving.deploy import gateway_settings
from serving.deploy.alert import build_alert
from serving.deploy.gateway_alerts import build_gateway_alerts
from serving.deploy.pod import GATEWAY
from serving.deploy.pod import MODEL_SERVER
from serving.deploy.server_config import METRICS_PATH
from serving.deploy.server_config import REST_PORT
from serving.deploy.values import DeployValues

# What the autoscaler asks the metrics API for.
LATENCY_P95 = "model_server_request_latency_p95_microseconds"
RULES_FILE = "rules.yml"

# Probes call REST's GET paths, whose API label is empty: left out of latency.
_ASKED = 'API!=""'
_COUNT = ":tensorflow:serving:request_count"
_LATENCY = ":tensorflow:serving:request_latency"
_LOADS = ":tensorflow:cc:saved_model:load_attempt_count"
# Codes that are the server's fault; a caller's mistake raises no alert.
_FAULTS = (
    "UNKNOWN|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|INTERNAL|UNAVAILABLE"
    "|DATA_LOSS"
)
_SCRAPE_SECONDS = 15


def build_compose_scrape_config(values: DeployValues) -> dict:
    """Builds prometheus.yml for the compose file's network."""
    server = {
        "job_name": MODEL_SERVER,
        "metrics_path": METRICS_PATH,
        "static_configs": [{"targets": [f"{MODEL_SERVER}:{REST_PORT}"]}],
    }
    jobs = [server]
    if values.gateway.enabled:
        targets = [f"{GATEWAY}:{gateway_settings.GATEWAY_PORT}"]
        jobs.append(
            {
                "job_name": GATEWAY,
                "metrics_path": gateway_settings.METRICS_PATH,
                "static_configs": [{"targets": targets}],
            }
        )
    return {
        "global": {
            "scrape_interval": f"{_SCRAPE_SECONDS}s",
            "evaluation_interval": f"{_SCRAPE_SECONDS}s",
        },
        "rule_files": [RULES_FILE],
        "scrape_configs": jobs,
    }


def build_kubernetes_scrape_config(values: DeployValues) -> dict:
    """Builds the scrape configs for a Prometheus in the cluster.

    The autoscaler's metric needs the labels `namespace` and `pod`.
    """
    jobs = [_build_pod_job(values, MODEL_SERVER, "rest", METRICS_PATH)]
    if values.gateway.enabled:
        path = gateway_settings.METRICS_PATH
        jobs.append(_build_pod_job(values, GATEWAY, "http", path))
    return {"scrape_configs": jobs}


def _build_pod_job(
    values: DeployValues, name: str, port: str, path: str
) -> dict:
    prefix = "__meta_kubernetes_"
    return {
        "job_name": name,
        "metrics_path": path,
        "scrape_interval": f"{_SCRAPE_SECONDS}s",
        "kubernetes_sd_configs": [
            {"role": "pod", "namespaces": {"names": [values.namespace]}}
        ],
        "relabel_configs": [
            {
                "source_labels": [
                    f"{prefix}pod_label_app_kubernetes_io_name",
                    f"{prefix}pod_container_port_name",
                ],
                "regex": f"{name};{port}",
                "action": "keep",
            },
            {
                "source_labels": [f"{prefix}namespace"],
                "target_label": "namespace",
            },
            {"source_labels": [f"{prefix}pod_name"], "target_label": "pod"},
        ],
    }


def build_adapter_rules() -> dict:
    """Builds the rule of prometheus-adapter behind the autoscaler.

    Without traffic the quantile is NaN, which would keep the autoscaler from
    scaling down; the second half returns 0 then. It does so only for servers
    that have had a request; for the others the autoscaler uses CPU.
    """
    by = "<<.GroupBy>>"
    match = f"{_ASKED},<<.LabelMatchers>>"
    buckets = f"sum(rate(<<.Series>>{{{match}}}[2m])) by (le, {by})"
    calls = f"sum(rate({_LATENCY}_count{{{match}}}[2m])) by ({by})"
    rule = {
        "seriesQuery": (
            f'{{__name__="{_LATENCY}_bucket",namespace!="",pod!=""}}'
        ),
        "resources": {
            "overrides": {
                "namespace": {"resource": "namespace"},
                "pod": {"resource": "pod"},
            }
        },
        "name": {"as": LATENCY_P95},
        "metricsQuery": (
            f"(histogram_quantile(0.95, {buckets}) >= 0) or (0 * {calls})"
        ),
    }
    return {"rules": [rule]}


def build_alert_rules(values: DeployValues) -> dict:
    """Builds the alerts; each says what it means and where to look."""
    rules = [*_build_server_alerts(values), _build_load_alert()]
    groups = [{"name": MODEL_SERVER, "rules": rules}]
    if values.gateway.enabled:
        groups.append({"name": GATEWAY, "rules": build_gateway_alerts(values)})
    return {"groups": groups}


def _build_server_alerts(values: DeployValues) -> list[dict]:
    alerts = values.alerts
    calls = f"sum by (model_name) (rate({_COUNT}[5m]))"
    p99_ms = (
        "histogram_quantile(0.99, sum by (le, model_name) "
        f"(rate({_LATENCY}_bucket{{{_ASKED}}}[5m]))) / 1000"
    )
    return [
        build_alert(
            "ModelServerDown",
            f'up{{job="{MODEL_SERVER}"}} == 0',
            ("2m", "page"),
            "{{ $labels.instance }} does not answer its metrics page. It "
            "opens its ports only once a first version is loaded: look at "
            "the log for a version that fails, then at the models' volume.",
        ),
        build_alert(
            "ModelServerAbsent",
            f'absent(up{{job="{MODEL_SERVER}"}})',
            ("5m", "page"),
            "No model server is known to Prometheus at all.",
        ),
        build_alert(
            "ModelServerErrors",
            f'sum by (model_name) (rate({_COUNT}{{status=~"{_FAULTS}"}}[5m]))'
            f" / {calls} > {alerts.error_share}",
            ("5m", "page"),
            "{{ $value | humanizePercentage }} of the calls to {{ "
            "$labels.model_name }} fail by the server's fault. After a push: "
            "remove the newest version's directory, the server goes back to "
            "the one before.",
        ),
        build_alert(
            "ModelNotServed",
            f'sum(rate({_COUNT}{{status="NOT_FOUND"}}[5m])) / '
            f"sum(rate({_COUNT}[5m])) > {alerts.unknown_model_share}",
            ("5m", "page"),
            "{{ $value | humanizePercentage }} of the calls ask for a model "
            "or version that is not loaded. An emptied models folder unloads "
            "everything.",
        ),
        build_alert(
            "ModelServerSlow",
            f"{p99_ms} > {alerts.latency_p99_ms:g}",
            ("10m", "page"),
            "The slowest hundredth of the calls to {{ $labels.model_name }} "
            "takes {{ $value | humanize }} ms. See whether the autoscaler is "
            "at its maximum.",
        ),
        build_alert(
            "ModelServerSheds",
            "sum by (model_name) (rate("
            f'{_COUNT}{{status=~"RESOURCE_EXHAUSTED|UNAVAILABLE"}}[5m])) > 0',
            ("10m", "ticket"),
            "Calls to {{ $labels.model_name }} are refused because queues "
            "are full.",
        ),
    ]


def _build_load_alert() -> dict:
    return build_alert(
        "ModelLoadFails",
        # The first try makes the series; each later one is an increase.
        f'sum by (model_path) (increase({_LOADS}{{status="fail"}}[10m])) > 0',
        ("1m", "ticket"),
        "{{ $labels.model_path }} does not load, or its warm-up fails; "
        "the server's log says why. The version before serves on. Remove "
        "the directory, or push again.",
    )
