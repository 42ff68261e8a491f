import re
import shutil
import subprocess

import pytest
import yaml

from serving.deploy.prometheus import build_adapter_rules
from serving.deploy.prometheus import build_alert_rules
from serving.deploy.prometheus import build_compose_scrape_config
from serving.deploy.prometheus import build_kubernetes_scrape_config
from serving.model_server.metrics.server_metrics import ServerMetrics

_SERIES = re.compile(r":tensorflow:[\w:]+")
_SUFFIXES = ("_bucket", "_sum", "_count")


@pytest.fixture(scope="module")
def page() -> str:
    """A page with one answered and one refused call."""
    metrics = ServerMetrics()
    metrics.count_request("m", "OK")
    metrics.count_request("m", "INTERNAL")
    metrics.observe_request_latency("m", "Predict", "GRPC", 1500.0)
    return metrics.render()


def _list_series(text):
    return set(_SERIES.findall(text))


def _list_server_rules(values):
    return build_alert_rules(values)["groups"][0]["rules"]


def test_every_metric_of_a_rule_is_one_that_the_server_has(build, page):
    rules = str(build_alert_rules(build())) + str(build_adapter_rules())
    asked = _list_series(rules)
    assert len(asked) > 2
    assert asked <= _list_series(page)


def test_every_label_of_a_rule_is_one_that_the_server_has(build, page):
    rules = str(_list_server_rules(build()))
    used = set(re.findall(r"[{,](\w+)=~?\"", rules)) - {"job"}
    assert used == {"status"}
    assert 'status="INTERNAL"' in page


def test_o04_time_of_probes_counts_for_nothing(build, page):
    # Over REST a GET has no API name, and probes are GETs.
    rules = str(build_alert_rules(build())) + str(build_adapter_rules())
    series = re.findall(
        r"(?:request_latency_(?:bucket|count)|Series>>)({[^}]*}|)\[", rules
    )
    assert len(series) == 3
    assert all('API!=""' in matchers for matchers in series)
    assert 'API="Predict"' in page


def test_alert_says_how_urgent_it_is_and_what_to_do(build):
    groups = build_alert_rules(build())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    names = [rule["alert"] for rule in rules]
    assert len(names) == len(set(names))
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["description"]


def test_mistakes_of_a_caller_are_no_errors_of_the_server(build):
    rules = _list_server_rules(build())
    (errors,) = [r for r in rules if r["alert"] == "ModelServerErrors"]
    assert "INVALID_ARGUMENT" not in errors["expr"]
    assert "INTERNAL" in errors["expr"]


def test_thresholds_come_from_the_values(build):
    values = build(alerts={"latency_p99_ms": 321.0})
    assert "> 321" in str(build_alert_rules(values))


def test_scrape_of_a_cluster_names_pod_and_namespace(build):
    for job in build_kubernetes_scrape_config(build())["scrape_configs"]:
        targets = {r.get("target_label") for r in job["relabel_configs"]}
        assert {"pod", "namespace"} <= targets


def test_both_scrapes_use_the_jobs_that_the_alerts_ask_for(build):
    asked = set(re.findall(r'job="([\w-]+)"', str(build_alert_rules(build()))))
    assert asked == {"model-server", "gateway"}
    for config in (
        build_compose_scrape_config(build()),
        build_kubernetes_scrape_config(build()),
    ):
        paths = {
            job["job_name"]: job["metrics_path"]
            for job in config["scrape_configs"]
        }
        assert paths == {
            "model-server": "/monitoring/prometheus/metrics",
            "gateway": "/metrics",
        }


def test_gateway_that_is_off_is_neither_scraped_nor_alerted_on(build):
    values = build(gateway={"enabled": False})
    for config in (
        build_compose_scrape_config(values),
        build_kubernetes_scrape_config(values),
        build_alert_rules(values),
    ):
        assert "gateway" not in str(config).lower()


def test_promtool_takes_config_and_rules(files, tmp_path):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool (Debian's package `prometheus`) is not installed")
    for name in ("prometheus.yml", "rules.yml"):
        (tmp_path / name).write_text(files[f"prometheus/{name}"])
    checked = subprocess.run(
        [promtool, "check", "config", str(tmp_path / "prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_rule_files_of_the_config_are_rendered(files):
    config = yaml.safe_load(files["prometheus/prometheus.yml"])
    for name in config["rule_files"]:
        assert f"prometheus/{name}" in files
