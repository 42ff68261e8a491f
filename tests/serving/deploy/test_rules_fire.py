"""What Prometheus itself makes of the rules, where its promtool is."""

import shutil
import subprocess

import pytest
import yaml

from serving.deploy.prometheus import build_adapter_rules
from serving.deploy.prometheus import build_alert_rules
from tests.serving.deploy.conftest import build_values

_COUNT = ":tensorflow:serving:request_count"
_LATENCY = ":tensorflow:serving:request_latency"
_POD = 'namespace="n",pod="p"'
_UP = ('up{job="model-server"}', "1x60")


def _count(status, values):
    return f'{_COUNT}{{model_name="m",status="{status}"}}', values


def _histogram(api, low, high):
    """Calls of up to 0.1 s, and of up to a second, each minute."""
    labels = f'model_name="m",API="{api}",{_POD}'
    return [
        (f'{_LATENCY}_bucket{{{labels},le="100000"}}', f"0+{low}x60"),
        (f'{_LATENCY}_bucket{{{labels},le="1e+06"}}', f"0+{low + high}x60"),
        (f'{_LATENCY}_bucket{{{labels},le="+Inf"}}', f"0+{low + high}x60"),
        (f"{_LATENCY}_count{{{labels}}}", f"0+{low + high}x60"),
    ]


def _count_calls(status, values, route="/v1/recommendations"):
    labels = f'route="{route}",method="POST",status="{status}"'
    return f"tastemaker_gateway_requests_total{{{labels}}}", values


def _time_slates(fast, slow, route="/v1/recommendations"):
    """Answers within half a second, and within two, each minute."""
    name = "tastemaker_gateway_request_seconds_bucket"
    return [
        (f'{name}{{route="{route}",le="{bound}"}}', f"0+{count}x60")
        for bound, count in (
            ("0.2", 0),
            ("0.5", fast),
            ("2.0", fast + slow),
            ("+Inf", fast + slow),
        )
    ]


def _run(tmp_path, series, **tests):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool (Debian's package `prometheus`) is not installed")
    rules = build_alert_rules(build_values())
    for group in rules["groups"]:
        for rule in group["rules"]:
            del rule["annotations"]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules))
    case = {
        "interval": "1m",
        "input_series": [{"series": s, "values": v} for s, v in series],
        **tests,
    }
    document = {"rule_files": ["rules.yml"], "tests": [case]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(document))
    ran = subprocess.run(
        [promtool, "test", "rules", "test.yml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _expect(alert, severity="page", **labels):
    found = [{"exp_labels": {"severity": severity, **labels}}]
    return {"eval_time": "30m", "alertname": alert, "exp_alerts": found}


def _expect_silence(alert):
    return {"eval_time": "30m", "alertname": alert, "exp_alerts": []}


@pytest.mark.parametrize(
    ("status", "alert"),
    [("INTERNAL", "ModelServerErrors"), ("NOT_FOUND", "ModelNotServed")],
)
def test_one_bad_call_in_ten_wakes_somebody(tmp_path, status, alert):
    labels = {"model_name": "m"} if alert == "ModelServerErrors" else {}
    _run(
        tmp_path,
        [_UP, _count("OK", "0+90x60"), _count(status, "0+10x60")],
        alert_rule_test=[_expect(alert, **labels)],
    )


def test_mistakes_of_callers_wake_nobody(tmp_path):
    _run(
        tmp_path,
        [_UP, _count("OK", "0+1x60"), _count("INVALID_ARGUMENT", "0+9x60")],
        alert_rule_test=[
            _expect_silence("ModelServerErrors"),
            _expect_silence("ModelServerDown"),
            _expect_silence("ModelServerAbsent"),
        ],
    )


def test_server_that_is_down_wakes_somebody(tmp_path):
    _run(
        tmp_path,
        [('up{job="model-server",instance="i"}', "0x60")],
        alert_rule_test=[
            _expect("ModelServerDown", job="model-server", instance="i")
        ],
    )


def test_slow_calls_wake_somebody(tmp_path):
    _run(
        tmp_path,
        [_UP, *_histogram("Predict", 50, 50)],
        alert_rule_test=[_expect("ModelServerSlow", model_name="m")],
    )


def test_slow_probes_wake_nobody(tmp_path):
    _run(
        tmp_path,
        [_UP, *_histogram("Predict", 100, 0), *_histogram("", 0, 100)],
        alert_rule_test=[_expect_silence("ModelServerSlow")],
    )


def test_one_failed_call_of_the_gateway_in_ten_wakes_somebody(tmp_path):
    _run(
        tmp_path,
        [_count_calls("200", "0+90x60"), _count_calls("503", "0+10x60")],
        alert_rule_test=[_expect("GatewayErrors")],
    )


def test_what_callers_and_probes_are_told_wakes_nobody(tmp_path):
    _run(
        tmp_path,
        [
            _count_calls("200", "0+1x60"),
            _count_calls("429", "0+9x60"),
            _count_calls("503", "0+9x60", "/readyz"),
        ],
        alert_rule_test=[_expect_silence("GatewayErrors")],
    )


def test_gateway_that_is_down_wakes_somebody(tmp_path):
    _run(
        tmp_path,
        [('up{job="gateway",instance="i"}', "0x60")],
        alert_rule_test=[
            _expect("GatewayDown", job="gateway", instance="i"),
            _expect_silence("GatewayAbsent"),
        ],
    )


def test_gateway_without_a_model_server_wakes_somebody(tmp_path):
    _run(
        tmp_path,
        [
            ('tastemaker_gateway_breaker_open{pod="a"}', "0x60"),
            ('tastemaker_gateway_breaker_open{pod="b"}', "1x60"),
        ],
        alert_rule_test=[_expect("GatewayWithoutModel")],
    )


@pytest.mark.parametrize(("stand_ins", "is_alert"), [(1, True), (0, False)])
def test_stand_ins_wake_somebody_while_the_breaker_is_closed(
    tmp_path, stand_ins, is_alert
):
    # 1 of 10 slates is no answer of the model: it says NOT_FOUND at once.
    name = "tastemaker_gateway_slates_total"
    alert = "GatewayStandsIn"
    _run(
        tmp_path,
        [
            ("tastemaker_gateway_breaker_open", "0x60"),
            (f'{name}{{source="model",policy="p"}}', "0+9x60"),
            (f'{name}{{source="popular",policy="p"}}', f"0+{stand_ins}x60"),
        ],
        alert_rule_test=[
            _expect(alert) if is_alert else _expect_silence(alert),
            _expect_silence("GatewayWithoutModel"),
        ],
    )


def test_log_that_nobody_seals_is_a_ticket(tmp_path):
    # 3 GB of the 10 GiB that the volume has.
    series = 'tastemaker_gateway_live_log_bytes{instance="i"}', "3000000000x120"
    expected = _expect("GatewayLogUnsealed", "ticket", instance="i")
    _run(
        tmp_path,
        [series],
        alert_rule_test=[expected | {"eval_time": "90m"}],
    )


@pytest.mark.parametrize(("each_minute", "is_alert"), [(1, True), (0, False)])
def test_lost_exposures_wake_somebody(tmp_path, each_minute, is_alert):
    name = "GatewayLosesExposures"
    _run(
        tmp_path,
        [("tastemaker_gateway_exposures_lost_total", f"5+{each_minute}x60")],
        alert_rule_test=[_expect(name) if is_alert else _expect_silence(name)],
    )


@pytest.mark.parametrize(("slow", "is_alert"), [(5, True), (0, False)])
def test_slow_slates_wake_somebody(tmp_path, slow, is_alert):
    # 5 of 100: the 99th percentile lies between 0.5 and 2 s.
    _run(
        tmp_path,
        [
            *_time_slates(100 - slow, slow),
            *_time_slates(0, 100, "/v1/explanations"),
        ],
        alert_rule_test=[
            _expect("GatewaySlow")
            if is_alert
            else _expect_silence("GatewaySlow")
        ],
    )


@pytest.mark.parametrize(
    ("low", "high", "p95"),
    [
        (100, 0, 95_000),  # 95% of the way through 0 ... 0.1 s
        (90, 10, 550_000),  # half of the way through 0.1 ... 1 s
        (0, 0, 0),  # no traffic
    ],
)
def test_autoscaler_sees_the_latency_of_calls(tmp_path, low, high, p95):
    (rule,) = build_adapter_rules()["rules"]
    query = rule["metricsQuery"]
    for name, value in {
        "<<.Series>>": f"{_LATENCY}_bucket",
        "<<.LabelMatchers>>": 'namespace="n",pod=~"p"',
        "<<.GroupBy>>": "pod",
    }.items():
        query = query.replace(name, value)
    _run(
        tmp_path,
        [*_histogram("Predict", low, high), *_histogram("", 0, 100)],
        promql_expr_test=[
            {
                "expr": f"round({query})",
                "eval_time": "30m",
                "exp_samples": [{"labels": '{pod="p"}', "value": p95}],
            }
        ],
    )
