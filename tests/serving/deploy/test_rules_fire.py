"""What Prometheus itself makes of the rules, where its promtool is."""

import shutil
import subprocess

import pytest
import yaml

from serving.deploy.prometheus import build_adapter_rules
from serving.deploy.prometheus import build_alert_rules

_LATENCY = ":tensorflow:serving:request_latency"
_UP = ('up{job="model-server"}', "1x60")


def _calls(status, each_minute):
    """Calls of the model server."""
    name = ":tensorflow:serving:request_count"
    labels = f'model_name="m",status="{status}"'
    return [(f"{name}{{{labels}}}", f"0+{each_minute}x60")]


def _times(api, low, high):
    """Calls of up to 0.1 s, and of up to a second, each minute."""
    labels = f'model_name="m",API="{api}",namespace="n",pod="p"'
    both = f"0+{low + high}x60"
    return [
        (f'{_LATENCY}_bucket{{{labels},le="100000"}}', f"0+{low}x60"),
        (f'{_LATENCY}_bucket{{{labels},le="1e+06"}}', both),
        (f'{_LATENCY}_bucket{{{labels},le="+Inf"}}', both),
        (f"{_LATENCY}_count{{{labels}}}", both),
    ]


def _gateway_calls(status, each_minute, route="/v1/recommendations"):
    labels = f'route="{route}",method="POST",status="{status}"'
    name = "tastemaker_gateway_requests_total"
    return [(f"{name}{{{labels}}}", f"0+{each_minute}x60")]


def _slates(fast, slow, route="/v1/recommendations"):
    """Answers within half a second, and within two, each minute."""
    name = "tastemaker_gateway_request_seconds_bucket"
    counts = {"0.2": 0, "0.5": fast, "2.0": fast + slow, "+Inf": fast + slow}
    return [
        (f'{name}{{route="{route}",le="{bound}"}}', f"0+{count}x60")
        for bound, count in counts.items()
    ]


def _sources(model, popular):
    """Slates of the model and stand-ins, while the breaker is closed."""
    name = "tastemaker_gateway_slates_total"
    return [
        ("tastemaker_gateway_breaker_open", "0x60"),
        (f'{name}{{source="model",policy="p"}}', f"0+{model}x60"),
        (f'{name}{{source="popular",policy="p"}}', f"0+{popular}x60"),
    ]


def _lost(each_minute):
    name = "tastemaker_gateway_exposures_lost_total"
    return [(name, f"5+{each_minute}x60")]


# Series; alerts with their labels; alerts that keep silent.
_CASES = {
    "one bad call in ten": (
        [_UP, *_calls("OK", 90), *_calls("INTERNAL", 10)],
        {"ModelServerErrors": {"model_name": "m"}},
        ["ModelNotServed"],
    ),
    "one model in ten is not there": (
        [_UP, *_calls("OK", 90), *_calls("NOT_FOUND", 10)],
        {"ModelNotServed": {}},
        [],
    ),
    "mistakes of callers": (
        [_UP, *_calls("OK", 1), *_calls("INVALID_ARGUMENT", 9)],
        {},
        ["ModelServerErrors", "ModelServerDown", "ModelServerAbsent"],
    ),
    "server down": (
        [('up{job="model-server",instance="i"}', "0x60")],
        {"ModelServerDown": {"job": "model-server", "instance": "i"}},
        [],
    ),
    "slow calls": (
        [_UP, *_times("Predict", 50, 50)],
        {"ModelServerSlow": {"model_name": "m"}},
        [],
    ),
    "slow probes": (
        [_UP, *_times("Predict", 100, 0), *_times("", 0, 100)],
        {},
        ["ModelServerSlow"],
    ),
    "one failed call of the gateway in ten": (
        [*_gateway_calls("200", 90), *_gateway_calls("503", 10)],
        {"GatewayErrors": {}},
        [],
    ),
    "what callers and probes are told": (
        [
            *_gateway_calls("200", 1),
            *_gateway_calls("429", 9),
            *_gateway_calls("503", 9, "/readyz"),
        ],
        {},
        ["GatewayErrors"],
    ),
    "gateway down": (
        [('up{job="gateway",instance="i"}', "0x60")],
        {"GatewayDown": {"job": "gateway", "instance": "i"}},
        ["GatewayAbsent"],
    ),
    "gateway without a model server": (
        [
            ('tastemaker_gateway_breaker_open{pod="a"}', "0x60"),
            ('tastemaker_gateway_breaker_open{pod="b"}', "1x60"),
        ],
        {"GatewayWithoutModel": {}},
        [],
    ),
    "a thread of one gateway fails": (
        [
            ('tastemaker_gateway_thread_failing{thread="a",pod="1"}', "0x60"),
            ('tastemaker_gateway_thread_failing{thread="a",pod="2"}', "1x60"),
            ('tastemaker_gateway_thread_failing{thread="b",pod="1"}', "0x60"),
        ],
        {"GatewayThreadFails": {"thread": "a"}},
        [],
    ),
    # The model server says NOT_FOUND at once.
    "one slate in ten is a stand-in": (
        _sources(9, 1),
        {"GatewayStandsIn": {}},
        ["GatewayWithoutModel"],
    ),
    "no stand-in": (_sources(9, 0), {}, ["GatewayStandsIn"]),
    "exposures are lost": (_lost(1), {"GatewayLosesExposures": {}}, []),
    "exposures were lost": (_lost(0), {}, ["GatewayLosesExposures"]),
    # 5 of 100: the 99th percentile lies between 0.5 and 2 s.
    "slow slates": (_slates(95, 5), {"GatewaySlow": {}}, []),
    "slow explanations": (
        [*_slates(100, 0), *_slates(0, 100, "/v1/explanations")],
        {},
        ["GatewaySlow"],
    ),
}


def _run(build, folder, series, **tests):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool (Debian's package `prometheus`) is not installed")
    rules = build_alert_rules(build())
    for group in rules["groups"]:
        for rule in group["rules"]:
            del rule["annotations"]
    (folder / "rules.yml").write_text(yaml.safe_dump(rules))
    case = {
        "interval": "1m",
        "input_series": [{"series": s, "values": v} for s, v in series],
        **tests,
    }
    document = {"rule_files": ["rules.yml"], "tests": [case]}
    (folder / "test.yml").write_text(yaml.safe_dump(document))
    ran = subprocess.run(
        [promtool, "test", "rules", "test.yml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _expect(alert, labels, severity="page", at="30m"):
    found = [{"exp_labels": {"severity": severity, **labels}}]
    return {"eval_time": at, "alertname": alert, "exp_alerts": found}


@pytest.mark.parametrize("case", _CASES)
def test_alerts_fire_for_what_is_wrong_and_for_nothing_else(
    build, tmp_path, case
):
    series, fired, silent = _CASES[case]
    expected = [_expect(alert, labels) for alert, labels in fired.items()]
    expected += [
        {"eval_time": "30m", "alertname": alert, "exp_alerts": []}
        for alert in silent
    ]
    _run(build, tmp_path, series, alert_rule_test=expected)


def test_version_that_does_not_load_is_a_ticket(build, tmp_path):
    name = ":tensorflow:cc:saved_model:load_attempt_count"
    series = [
        # Four tries, the first after 25 minutes.
        (f'{name}{{model_path="/m/4",status="fail"}}', "_x25 1 2 3 4 4x60"),
        (f'{name}{{model_path="/m/3",status="success"}}', "1x60"),
    ]
    expected = _expect("ModelLoadFails", {"model_path": "/m/4"}, "ticket")
    _run(build, tmp_path, [_UP, *series], alert_rule_test=[expected])


def test_log_that_nobody_seals_is_a_ticket(build, tmp_path):
    # 3 GB of the 10 GiB that the volume has.
    series = 'tastemaker_gateway_live_log_bytes{instance="i"}', "3000000000x120"
    labels = {"instance": "i"}
    expected = _expect("GatewayLogUnsealed", labels, "ticket", at="90m")
    _run(build, tmp_path, [series], alert_rule_test=[expected])


def test_span_that_lacks_items_is_a_ticket(build, tmp_path):
    name = "tastemaker_gateway_span_lacks_tables"
    series = [
        (f'{name}{{instance="{i}"}}', f"{v}x60")
        for i, v in (("a", 0), ("b", 1))
    ]
    expected = _expect("GatewaySpanLacksTables", {"instance": "b"}, "ticket")
    _run(build, tmp_path, series, alert_rule_test=[expected])


def test_state_that_is_full_is_a_ticket(build, tmp_path):
    name = "tastemaker_gateway_state_dropped_total"
    series = [
        (f'{name}{{kind="items",instance="a"}}', "7+0x60"),
        (f'{name}{{kind="profiles",instance="a"}}', "0+3x60"),
    ]
    expected = _expect("GatewayStateFull", {"kind": "profiles"}, "ticket")
    _run(build, tmp_path, series, alert_rule_test=[expected])


@pytest.mark.parametrize(
    ("low", "high", "p95"),
    [
        (100, 0, 95_000),  # 95% of the way through 0 ... 0.1 s
        (90, 10, 550_000),  # half of the way through 0.1 ... 1 s
        (0, 0, 0),  # no traffic
    ],
)
def test_autoscaler_sees_the_latency_of_calls(build, tmp_path, low, high, p95):
    (rule,) = build_adapter_rules()["rules"]
    query = rule["metricsQuery"]
    for name, value in {
        "<<.Series>>": f"{_LATENCY}_bucket",
        "<<.LabelMatchers>>": 'namespace="n",pod=~"p"',
        "<<.GroupBy>>": "pod",
    }.items():
        query = query.replace(name, value)
    expected = {
        "expr": f"round({query})",
        "eval_time": "30m",
        "exp_samples": [{"labels": '{pod="p"}', "value": p95}],
    }
    series = [*_times("Predict", low, high), *_times("", 0, 100)]
    _run(build, tmp_path, series, promql_expr_test=[expected])
