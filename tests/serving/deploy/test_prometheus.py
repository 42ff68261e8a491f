"""Rules, alerts and scrapes ask for what the servers' own pages have."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from serving.deploy.prometheus import build_adapter_rules
from serving.deploy.prometheus import build_alert_rules
from serving.deploy.prometheus import build_compose_scrape_config
from serving.deploy.prometheus import build_kubernetes_scrape_config
from serving.gateway.gateway_metrics import GatewayMetrics
from serving.model_server.metrics.server_metrics import ServerMetrics

_SERIES = re.compile(r"(:tensorflow:[\w:]+|tastemaker_gateway_\w+)")


@pytest.fixture(scope="module")
def page() -> str:
    """What both servers tell of answered and failed calls."""
    server, gateway = ServerMetrics(), GatewayMetrics()
    for status in ("OK", "INTERNAL"):
        server.count_request("m", status)
    server.count_load(Path("/models/m/3"), False)
    server.observe_request_latency("m", "Predict", "GRPC", 1500.0)
    for status in (200, 503):
        gateway.observe_request("/v1/recommendations", "POST", status, 0.01)
    gateway.observe_upstream("recommend", 0.01)
    gateway.count_upstream_failure("recommend", "not_found")
    gateway.count_slate("popular", "fixed")
    gateway.set_failing("span-timer", True)
    gateway.count_dropped("items", 1)
    return server.render() + gateway.render().decode()


def _list_alerts(values):
    groups = build_alert_rules(values)["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def test_every_metric_of_a_rule_is_one_that_a_server_has(build, page):
    rules = str(build_alert_rules(build())) + str(build_adapter_rules())
    asked = set(_SERIES.findall(rules))
    assert len(asked) > 5
    assert asked <= set(_SERIES.findall(page))


def test_every_label_of_a_rule_is_one_that_a_server_has(build, page):
    expressions = [rule["expr"] for rule in _list_alerts(build()).values()]
    used = set(re.findall(r"[{,](\w+)(?:=~?|!=)\"", " ".join(expressions)))
    assert used == {"API", "job", "route", "source", "status"}
    assert 'status="INTERNAL"' in page
    assert 'model_path="/models/m/3",status="fail"' in page
    assert 'API="Predict"' in page
    assert 'source="popular"' in page
    assert 'route="/v1/recommendations",status="503"' in page


def test_every_gauge_of_something_wrong_has_an_alert(build, page):
    wrong = re.findall(r"# HELP (tastemaker_gateway_\w+) 1 while", page)
    assert len(wrong) >= 3
    expressions = [rule["expr"] for rule in _list_alerts(build()).values()]
    asked = set(_SERIES.findall(" ".join(expressions)))
    assert set(wrong) <= asked


def test_time_of_probes_counts_for_nothing(build):
    # Over REST a GET has no API name, and probes are GETs.
    rules = str(build_alert_rules(build())) + str(build_adapter_rules())
    series = re.findall(
        r"(?:request_latency_(?:bucket|count)|Series>>)({[^}]*}|)\[", rules
    )
    assert len(series) == 3
    assert all('API!=""' in matchers for matchers in series)


def test_alert_says_how_urgent_it_is_and_what_to_do(build):
    groups = build_alert_rules(build())["groups"]
    assert sum(len(group["rules"]) for group in groups) == len(
        _list_alerts(build())
    )
    for rule in _list_alerts(build()).values():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["description"]


def test_mistakes_of_a_caller_are_no_errors_of_the_server(build):
    expression = _list_alerts(build())["ModelServerErrors"]["expr"]
    assert "INVALID_ARGUMENT" not in expression
    assert "INTERNAL" in expression


def test_thresholds_come_from_the_values(build):
    alerts = {
        "latency_p99_ms": 123.0,
        "gateway_latency_p99_ms": 321.0,
        "error_share": 0.07,
        "stand_in_share": 0.08,
        "live_log_share": 0.5,
    }
    text = str(_list_alerts(build(alerts=alerts, gateway={"storage_gib": 3})))
    for threshold in ("> 123", "> 321", "> 0.07", "> 0.08"):
        assert threshold in text
    assert "live_log_bytes > 1610612736'" in text  # half of 3 * 1024^3


def test_bound_of_slow_slates_is_one_that_a_bucket_tells(build, page):
    # Between two buckets a quantile is a guess.
    seconds = build().alerts.gateway_latency_p99_ms / 1000
    assert f'le="{seconds}"' in page


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


def test_rule_files_of_the_config_are_rendered(files):
    config = yaml.safe_load(files["prometheus/prometheus.yml"])
    for name in config["rule_files"]:
        assert f"prometheus/{name}" in files


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
