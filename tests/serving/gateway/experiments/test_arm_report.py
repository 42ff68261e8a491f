import numpy as np
import pytest

from serving.gateway.experiments.arm_report import count_slate
from serving.gateway.experiments.arm_report import report_arms
from serving.gateway.experiments.experiment_config import ArmConfig
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.experiments.user_totals import Moments
from serving.gateway.records.exposure import ExposedItem
from tests.serving.gateway.experiments.log_writer import make_exposure

PLAIN = ArmConfig(share=0.5)
MIXED = ArmConfig(share=0.5, policy="fixed", interleave_with="learnt")
ITEMS = (
    ExposedItem(item_id="a", score=1.0, team="fixed"),
    ExposedItem(item_id="b", score=1.0, team="learnt"),
)


@pytest.mark.parametrize("succeeded", ["a", "ab"])
def test_slate_succeeds_once_however_many_items_do(succeeded):
    counts = count_slate(PLAIN, make_exposure("s", "ann"), succeeded)
    # Slate, success, failure, no model, model, won, told.
    assert counts == (1, 1, 0, 0, 1, 0, 0)


def test_slate_without_a_model_is_told_apart():
    exposure = make_exposure("s", "ann", source="last_known_good")
    assert count_slate(PLAIN, exposure, "") == (1, 0, 1, 1, 0, 0, 0)


def test_slate_of_an_interleaving_arm_has_a_winner():
    exposure = make_exposure("s", "ann", items=ITEMS)
    assert count_slate(MIXED, exposure, "b")[-2:] == (1, 1)
    assert count_slate(MIXED, exposure, "a")[-2:] == (-1, 1)
    assert count_slate(MIXED, exposure, "ab")[-2:] == (0, 0)


def make_moments(num_users, num_successes):
    rows = np.zeros((num_users, 7))
    rows[:, [0, 2, 4]] = 1.0
    rows[:num_successes, 1] = 1.0
    rows[:num_successes, 2] = 0.0
    return Moments.of(rows)


def make_experiment(**shares):
    arms = {name: ArmConfig(share=share) for name, share in shares.items()}
    return ExperimentConfig(name="blend", salt="s", arms=arms)


def test_arms_are_told_beside_the_control():
    control, arm = report_arms(
        make_experiment(old=0.5, new=0.5),
        {"new": make_moments(1000, 150), "old": make_moments(1000, 100)},
        alpha=0.05,
    )
    assert (control.name, control.num_slates, control.num_successes) == (
        "old",
        1000,
        100,
    )
    assert control.comparison is None
    assert arm.success_rate == pytest.approx(0.15)
    assert arm.comparison.lift == pytest.approx(0.5)
    assert arm.fallback_share == 0.0
    assert arm.fallback_comparison is None


def test_two_arms_share_the_chance_of_an_error():
    moments = {
        name: make_moments(1000, count)
        for name, count in (("old", 100), ("new", 150), ("newer", 100))
    }
    _, one = report_arms(make_experiment(old=0.5, new=0.5), moments, 0.025)
    _, same, _ = report_arms(
        make_experiment(old=0.5, new=0.25, newer=0.25), moments, 0.05
    )
    assert one.comparison == same.comparison


def test_arm_without_users_lacks():
    reports = report_arms(
        make_experiment(old=0.5, new=0.5), {"new": make_moments(9, 1)}, 0.05
    )
    assert [report.name for report in reports] == ["new"]
    assert reports[0].comparison is None
