import numpy as np
import pytest
from scipy import stats

from serving.gateway.experiments.preference import judge_slate
from serving.gateway.experiments.preference import measure_preference
from serving.gateway.experiments.user_totals import Moments
from serving.gateway.records.exposure import ExposedItem
from tests.serving.gateway.experiments.log_writer import make_exposure

POLICIES = ("fixed", "learnt")


def make_slate(**teams):
    items = [
        ExposedItem(item_id=item_id, score=1.0, team=team)
        for item_id, team in teams.items()
    ]
    return make_exposure("s", "ann", items=items)


@pytest.mark.parametrize(
    ("succeeded", "winner"),
    [("a", 1), ("b", -1), ("ab", 0), ("", 0), ("bc", -1), ("abc", -1)],
)
def test_ranking_with_more_successes_wins(succeeded, winner):
    slate = make_slate(a="learnt", b="fixed", c="fixed")
    assert judge_slate(slate, succeeded, "learnt") == winner


def test_slate_that_was_not_interleaved_has_no_winner():
    # As when no model answered.
    assert judge_slate(make_slate(a="", b=""), "a", "learnt") == 0


def measure(num_won, num_lost):
    won = np.repeat([1.0, -1.0], [num_won, num_lost])
    moments = Moments.of(np.stack([won, np.abs(won)], axis=1))
    return measure_preference(moments, (0, 1), POLICIES, 0.05)


def test_one_slate_a_user_makes_it_the_sign_test():
    preference = measure(560, 440)
    assert preference.win_share == pytest.approx(0.56)
    assert preference.num_slates == 1000
    # The normal approximation of the binomial test.
    expected = 2 * stats.norm.sf(120 / 1000**0.5)
    assert preference.margin.fixed_p == pytest.approx(expected)
    assert preference.margin.value == pytest.approx(0.12)


def test_loser_has_a_margin_below_0():
    assert measure(100, 300).margin.always_valid_interval[1] < 0


def test_user_who_comes_back_100_times_is_one_user():
    won = np.repeat([100.0, -100.0], [18, 12])
    moments = Moments.of(np.stack([won, np.abs(won)], axis=1))
    preference = measure_preference(moments, (0, 1), POLICIES, 0.05)
    # As 18 against 12 single slates: z = 6 / sqrt(30).
    expected = 2 * stats.norm.sf(6 / 30**0.5)
    assert preference.margin.fixed_p == pytest.approx(expected)


def test_few_users_show_no_preference():
    assert measure(19, 0) is None
    assert measure(20, 0) is not None


def test_users_without_a_net_winner_show_no_preference():
    rows = np.tile([0.0, 2.0], (30, 1))
    assert measure_preference(Moments.of(rows), (0, 1), POLICIES, 0.05) is None
