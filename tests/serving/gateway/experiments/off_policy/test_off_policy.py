import dataclasses

import numpy as np
import pytest

from serving.gateway.experiments.off_policy.off_policy import estimate_policy
from serving.gateway.experiments.off_policy.off_policy_report import LinearBlend
from serving.gateway.experiments.slate_log import JudgedSlate
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure
from tests.serving.gateway.experiments.explored_slates import NEW_WEIGHTS
from tests.serving.gateway.experiments.explored_slates import simulate_slates

NEW = LinearBlend(NEW_WEIGHTS)
KINDS = ("ips", "self_normalised", "doubly_robust")


@pytest.fixture(scope="module")
def trials():
    """Estimates of 20 logs, each beside the truth."""
    found = []
    for seed in range(20):
        slates, new_value, logged_value = simulate_slates(seed)
        found.append((estimate_policy(slates, NEW), new_value, logged_value))
    return found


@pytest.mark.parametrize("kind", ["ips", "doubly_robust"])
def test_estimate_is_right_on_average(trials, kind):
    errors = [getattr(e, kind).value - truth for e, truth, _ in trials]
    assert abs(np.mean(errors)) < 3 * np.std(errors) / len(errors) ** 0.5


def test_self_normalised_estimate_is_nearly_right_on_average(trials):
    errors = [e.self_normalised.value - truth for e, truth, _ in trials]
    assert abs(np.mean(errors)) < 0.02  # of a truth of 0.77


@pytest.mark.parametrize("kind", KINDS)
def test_intervals_hold_the_truth(trials, kind):
    held = sum(
        getattr(e, kind).low <= truth <= getattr(e, kind).high
        for e, truth, _ in trials
    )
    # 19 of 20 to be expected; fewer than 16 with a chance of 0.3%.
    assert held >= 16


def test_gain_is_that_over_the_logged_policy(trials):
    errors = [e.gain.value - (new - old) for e, new, old in trials]
    assert abs(np.mean(errors)) < 3 * np.std(errors) / len(errors) ** 0.5
    assert sum(e.gain.low > 0 for e, _, _ in trials) >= 18


def test_doubly_robust_estimate_varies_less_than_ips(trials):
    errors = {
        kind: np.std([getattr(e, kind).value - truth for e, truth, _ in trials])
        for kind in KINDS
    }
    assert errors["doubly_robust"] < 0.8 * errors["ips"]


def make_slate(number, item_id, propensity, took, **fields):
    exposure = Exposure(
        slate_id=str(number),
        user_id=f"user{number}",
        timestamp=1.0,
        items=(ExposedItem(item_id=item_id, score=1.0, propensity=propensity),),
        **{
            "explored_position": 0,
            "candidates": {"a": {"x": 1.0}, "b": {"x": 0.0}},
        }
        | fields,
    )
    return JudgedSlate(
        exposure=exposure, succeeded=frozenset([item_id] if took else [])
    )


def make_slates(num_a, taken_a, num_b, taken_b):
    """`a` is greedy with chance 0.75, `b` is drawn with 0.25."""
    return [
        make_slate(i, "a", 0.75, took=i < taken_a) for i in range(num_a)
    ] + [
        make_slate(1000 + i, "b", 0.25, took=i < taken_b) for i in range(num_b)
    ]


def show_b(candidates):
    return {"b": 1.0}


def test_numbers_are_those_of_the_formulas():
    estimate = estimate_policy(make_slates(300, 30, 100, 50), show_b)
    # `b` weighs 1 / 0.25 = 4 (below the root of 400, where weights are cut):
    # IPS 50 * 4 / 400, self-normalised 50 * 4 / (100 * 4), mean weight
    # 100 * 4 / 400, effective sample size (100 * 4)^2 / (100 * 16).
    assert estimate.ips.value == pytest.approx(0.5)
    assert estimate.self_normalised.value == pytest.approx(0.5)
    assert estimate.doubly_robust.value == pytest.approx(0.5, abs=0.01)
    assert estimate.logged.value == pytest.approx(0.2)
    assert estimate.mean_weight == pytest.approx(1.0)
    assert estimate.effective_sample_size == pytest.approx(100.0)
    assert estimate.num_slates == estimate.num_users == 400
    # The standard error of IPS: sqrt(50 * 4^2 / 400 - 0.5^2) / sqrt(400).
    assert estimate.ips.high - 0.5 == pytest.approx(
        1.96 * (1.75 / 400) ** 0.5, rel=0.001
    )


def test_greedy_slates_count_with_their_propensity():
    estimate = estimate_policy(
        make_slates(300, 30, 100, 50), lambda _: {"a": 1.0}
    )
    # `a` weighs 1 / 0.75: 30 / 0.75 / 400.
    assert estimate.ips.value == pytest.approx(0.1)


def test_policy_that_draws_is_estimated_too():
    estimate = estimate_policy(
        make_slates(300, 30, 100, 50), lambda _: {"a": 0.5, "b": 0.5}
    )
    # Half of 0.1 and half of 0.5.
    assert estimate.ips.value == pytest.approx(0.3)


def test_logged_policy_has_its_own_rate_and_no_gain():
    estimate = estimate_policy(
        make_slates(300, 30, 100, 50), lambda _: {"a": 0.75, "b": 0.25}
    )
    assert estimate.ips.value == pytest.approx(0.2)
    assert estimate.gain.value == pytest.approx(0.0, abs=0.01)
    assert estimate.effective_sample_size == pytest.approx(400)


def test_weights_are_cut_at_the_root_of_the_number_of_slates():
    slates = [make_slate(i, "a", 0.5, took=True) for i in range(360)]
    slates += [make_slate(500 + i, "b", 0.025, took=i < 20) for i in range(40)]
    with pytest.raises(ValueError, match="mean weight"):
        estimate_policy(slates, show_b)  # 40 / 0.025 / 400 = 4
    slates = [make_slate(i, "a", 0.96, took=True) for i in range(1560)]
    slates += [make_slate(2000 + i, "b", 0.02, took=False) for i in range(40)]
    estimate = estimate_policy(slates, show_b)
    # 1 / 0.02 = 50 is cut to 40, the root of 1,600.
    assert estimate.max_weight == 40.0
    assert estimate.mean_weight == pytest.approx(40 * 50 / 1600)


def test_only_slates_of_the_scenario_count():
    slates = make_slates(300, 30, 100, 50)
    other = [
        JudgedSlate(
            exposure=dataclasses.replace(s.exposure, scenario="home"),
            succeeded=frozenset(),
        )
        for s in slates
    ]
    assert estimate_policy(other + slates, show_b, "").ips.value == 0.5
    assert estimate_policy(other + slates, show_b, "home").ips.value == 0.0
    assert estimate_policy(other + slates, show_b).num_slates == 800


def test_slates_without_an_explored_place_are_left_out():
    fallback = [
        make_slate(i, "a", 1.0, True, explored_position=-1, candidates={})
        for i in range(5000, 5100)
    ]
    slates = make_slates(300, 30, 100, 50)
    estimate = estimate_policy(fallback + slates, show_b)
    assert estimate.num_slates == 400
    assert estimate.logged.value == pytest.approx(0.2)


def test_logs_without_exploration_are_refused():
    never = [
        make_slate(i, "a", 1.0, True, explored_position=-1, candidates={})
        for i in range(50)
    ]
    with pytest.raises(ValueError, match="Received: 0 slates"):
        estimate_policy(never, show_b)


def test_logs_of_a_policy_that_always_shows_the_same_are_refused():
    greedy = [make_slate(i, "a", 1.0, True) for i in range(50)]
    with pytest.raises(ValueError, match="Received: 50 slates"):
        estimate_policy(greedy, lambda _: {"a": 1.0})


def test_policy_whose_choice_was_hardly_shown_is_refused():
    with pytest.raises(ValueError, match=r"Received: 29\.0"):
        estimate_policy(make_slates(87, 10, 29, 10), show_b)


def test_policy_whose_choice_cannot_be_shown_is_refused():
    # Half of the slates have a third candidate that is never drawn.
    third = {"a": {"x": 1.0}, "b": {"x": 0.0}, "c": {"x": 2.0}}
    slates = make_slates(300, 30, 100, 50)
    slates += [
        make_slate(9000 + i, "b", 0.5, True, candidates=third)
        for i in range(400)
    ]

    def show_c(candidates):
        return {"c" if "c" in candidates else "b": 1.0}

    with pytest.raises(ValueError, match=r"mean weight.*Received: 0\.500"):
        estimate_policy(slates, show_c)


@pytest.mark.parametrize(
    "chances",
    [{"a": 0.5}, {"a": 1.5, "b": -0.5}, {"z": 1.0}, {}],
    ids=["too little", "negative", "no candidate", "none"],
)
def test_policy_without_probabilities_is_refused(chances):
    with pytest.raises(ValueError, match="must give chances"):
        estimate_policy(make_slates(300, 30, 100, 50), lambda _: chances)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"propensity": 0.0}, r"propensity in \(0, 1\]"),
        ({"item_id": "z"}, "must be a candidate"),
        ({"explored_position": 1}, "must be below 1"),
    ],
)
def test_log_that_contradicts_itself_is_refused(fields, message):
    slate = {"item_id": "a", "propensity": 0.5, "took": True} | fields
    with pytest.raises(ValueError, match=f"{message}.*slate '7'"):
        estimate_policy([make_slate(7, **slate)], show_b)
