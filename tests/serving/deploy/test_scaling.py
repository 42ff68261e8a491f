import pytest

from serving.deploy.prometheus import build_adapter_rules
from serving.deploy.scaling import build_scaling_objects


@pytest.fixture
def autoscaler(build):
    values = build(autoscaling={"latency_p95_ms": 12.5, "max_replicas": 7})
    return build_scaling_objects(values)[0]


def test_autoscaler_asks_for_the_metric_that_the_adapter_offers(autoscaler):
    (rule,) = build_adapter_rules()["rules"]
    metric = autoscaler["spec"]["metrics"][0]["pods"]
    assert metric["metric"]["name"] == rule["name"]["as"]


def test_latency_target_is_in_microseconds(autoscaler):
    metric = autoscaler["spec"]["metrics"][0]["pods"]
    assert metric["target"]["averageValue"] == "12500"  # 12.5 ms


def test_autoscaler_keeps_its_bounds(autoscaler):
    spec = autoscaler["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 7)


def test_one_pod_goes_at_a_time(objects):
    budgets = [o for (kind, _), o in objects.items() if "Budget" in kind]
    assert budgets
    for budget in budgets:
        assert budget["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize(
    ("gateway", "names"),
    [
        ({}, {"model-server"}),
        (
            {"replicas": 2, "redis": "redis://redis:6379/0"},
            {"model-server", "gateway"},
        ),
    ],
)
def test_budgets_are_for_what_there_are_several_of(build, gateway, names):
    _, *budgets = build_scaling_objects(build(gateway=gateway))
    assert {budget["metadata"]["name"] for budget in budgets} == names


def test_every_selector_finds_the_pods_of_a_workload(objects):
    pods = [
        found["spec"]["template"]["metadata"]["labels"].items()
        for (kind, _), found in objects.items()
        if kind in ("Deployment", "StatefulSet")
    ]
    for (kind, name), found in objects.items():
        selector = {
            "Service": lambda spec: spec["selector"],
            "Deployment": lambda spec: spec["selector"]["matchLabels"],
            "StatefulSet": lambda spec: spec["selector"]["matchLabels"],
            "NetworkPolicy": lambda spec: spec["podSelector"]["matchLabels"],
            "PodDisruptionBudget": (
                lambda spec: spec["selector"]["matchLabels"]
            ),
        }.get(kind)
        if selector:
            labels = selector(found["spec"]).items()
            assert any(labels <= pod for pod in pods), name
