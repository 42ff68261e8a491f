import re

import pytest

from serving.deploy.gateway_alerts import build_gateway_alerts
from serving.gateway.gateway_metrics import GatewayMetrics


@pytest.fixture(scope="module")
def page() -> str:
    """A page with one answered and one failed request."""
    metrics = GatewayMetrics()
    metrics.observe_request("/v1/recommendations", "POST", 200, 0.01)
    metrics.observe_request("/v1/recommendations", "POST", 503, 0.01)
    metrics.observe_upstream("recommend", 0.01)
    metrics.count_upstream_failure("recommend", "not_found")
    metrics.count_slate("popular", "fixed")
    return metrics.render().decode()


def test_every_metric_of_an_alert_is_one_that_the_gateway_has(build, page):
    text = str(build_gateway_alerts(build()))
    asked = set(re.findall(r"tastemaker_gateway_\w+", text))
    assert len(asked) > 3
    # A histogram's name stands in its comments, without what is counted.
    series = set(re.findall(r"^(?:# TYPE )?(\w+)", page, re.M))
    series |= set(re.findall(r"^# TYPE (\w+)", page, re.M))
    assert asked <= series


def test_every_label_of_an_alert_is_one_that_the_gateway_has(build, page):
    expressions = [rule["expr"] for rule in build_gateway_alerts(build())]
    used = set(re.findall(r"[{,](\w+)(?:=~?|!=)\"", " ".join(expressions))) - {
        "job"
    }
    assert used == {"route", "source", "status"}
    assert 'source="popular"' in page
    assert 'route="/v1/recommendations",status="503"' in page


def test_thresholds_come_from_the_values(build):
    alerts = {
        "gateway_latency_p99_ms": 321.0,
        "error_share": 0.07,
        "stand_in_share": 0.08,
        "live_log_share": 0.5,
    }
    values = build(alerts=alerts, gateway={"storage_gib": 3})
    text = str(build_gateway_alerts(values))
    assert "> 321" in text
    assert "> 0.07" in text
    assert "> 0.08" in text
    assert "live_log_bytes > 1610612736'" in text  # half of 3 * 1024^3


def test_bound_of_slow_slates_is_one_that_a_bucket_tells(build, page):
    # Between two buckets a quantile is a guess.
    seconds = build().alerts.gateway_latency_p99_ms / 1000
    assert f'le="{seconds}"' in page
