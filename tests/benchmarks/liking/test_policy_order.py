import pytest

from benchmarks.liking.policy_order import PolicyOrder
from serving.gateway.gateway_config import GatewayConfig


def test_likely_likes_come_before_equal_scores():
    order = PolicyOrder()
    assert order.num_candidates == GatewayConfig().slates.num_candidates
    ids = ["a", "b", "c", ""]
    assert order(ids, [1.0, 1.0, 1.0, 0.0], [0.2, 0.9, 0.5, 0.9]) == [
        *("b", "c", "a")
    ]


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_far_better_score_stays_first(chance):
    scores = [9.0, *[1.0] * 19]
    ids = [str(number) for number in range(20)]
    # The score is 4.36 standard deviations above the mean, the log-odds half of
    # 4 below at most.
    assert PolicyOrder()(ids, scores, [chance, *[0.5] * 19])[0] == "0"


def test_no_candidates_are_no_slate():
    assert PolicyOrder()([""], [0.0], [0.0]) == []
