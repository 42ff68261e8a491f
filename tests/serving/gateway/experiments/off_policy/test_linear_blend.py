import pytest

from serving.gateway.experiments.off_policy.off_policy_report import LinearBlend

CANDIDATES = {
    "a": {"model": 0.9, "fresh": 0.0},
    "b": {"model": 0.5, "fresh": 1.0},
}


@pytest.mark.parametrize(
    ("weights", "best"),
    [({"model": 1.0}, "a"), ({"model": 1.0, "fresh": 0.5}, "b")],
)
def test_item_with_the_greatest_weighted_sum_is_shown(weights, best):
    # With half the freshness: 0.9 against 0.5 + 0.5.
    assert LinearBlend(weights)(CANDIDATES) == {best: 1.0}


def test_missing_feature_counts_as_0():
    assert LinearBlend({"other": 1.0, "model": -1.0})(CANDIDATES) == {"b": 1.0}


def test_first_of_equals_is_shown():
    assert LinearBlend({})(CANDIDATES) == {"a": 1.0}
