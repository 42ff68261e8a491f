import pytest

from serving.gateway.experiments.arm_comparison import ArmComparison
from serving.gateway.experiments.arm_report import ArmReport
from serving.gateway.experiments.conclusion import conclude
from serving.gateway.experiments.effect import measure_effect
from serving.gateway.experiments.experiment_config import ArmConfig
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.experiments.preference import Preference
from serving.gateway.experiments.ratio import Ratio
from serving.gateway.experiments.sample_ratio import SampleRatio

FINE = SampleRatio(p_value=0.5, is_mismatched=False)
EXPERIMENT = ExperimentConfig(
    name="blend",
    salt="s",
    arms={"old": ArmConfig(share=0.5), "new": ArmConfig(share=0.5)},
)
MIXED = ExperimentConfig(
    name="blend",
    salt="s",
    arms={
        "mixed": ArmConfig(share=1.0, policy="fixed", interleave_with="learnt")
    },
)


def measure(value):
    """An effect with standard error 0.01."""
    return measure_effect(Ratio(value, 0.0001), spread=0.05, alpha=0.05)


def compare(value):
    return ArmComparison(
        difference=measure(value), lift=value * 5, lift_interval=(-1.0, 1.0)
    )


def make_arm(name, **fields):
    return ArmReport(
        **{
            "name": name,
            "num_users": 1000,
            "num_slates": 1000,
            "num_successes": 200,
            "success_rate": 0.2,
            "fallback_share": 0.0,
            "comparison": None,
            "fallback_comparison": None,
            "preference": None,
        }
        | fields
    )


def say(arm, sample_ratio=FINE, num_switchers=0, has_ended=False):
    return conclude(
        EXPERIMENT,
        [make_arm("old"), arm],
        sample_ratio,
        num_switchers,
        has_ended,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, "new is better than old by 50.0% (always-valid p = "),
        (-0.1, "new is worse than old by 50.0% (always-valid p = "),
        # Two standard errors: p = 0.046 at one look, too little for many.
        (0.02, "No decision yet on new against old: let it run on."),
    ],
)
def test_what_the_always_valid_interval_allows_is_concluded(value, expected):
    assert say(make_arm("new", comparison=compare(value))).startswith(expected)


def test_undecided_experiment_that_ended_is_not_told_to_run_on():
    assert say(make_arm("new", comparison=compare(0.02)), has_ended=True) == (
        "The experiment ended without a decision on new against old."
    )


def test_few_users_are_told():
    assert say(make_arm("new")) == (
        "No decision on new: too few users and successes."
    )


def test_better_arm_with_more_fallbacks_is_held_back():
    arm = make_arm(
        "new",
        comparison=compare(0.1),
        fallback_comparison=compare(0.1),
        fallback_share=0.15,
    )
    assert say(arm).endswith(
        "But more slates of new were made without a model (15.0%): find out "
        "why first."
    )


def test_fewer_fallbacks_are_no_warning():
    arm = make_arm(
        "new", comparison=compare(0.1), fallback_comparison=compare(-0.1)
    )
    assert "without a model" not in say(arm)


def test_mismatched_sample_ratio_forbids_any_conclusion():
    bad = SampleRatio(p_value=1e-9, is_mismatched=True)
    said = say(make_arm("new", comparison=compare(0.1)), bad)
    assert said.startswith("Do not trust these figures")
    assert "p = 1e-09" in said
    assert "better" not in said


@pytest.mark.parametrize(("num_switchers", "trusts"), [(20, True), (21, False)])
def test_more_than_a_hundredth_of_users_in_several_arms_forbids_it_too(
    num_switchers, trusts
):
    # 20 of 2,020 are 0.99%, 21 of 2,021 are 1.04%.
    arm = make_arm("new", comparison=compare(0.1))
    said = say(arm, num_switchers=num_switchers)
    assert said.startswith("new is better") is trusts


@pytest.mark.parametrize(
    ("margin", "expected"),
    [
        (0.2, "Users prefer learnt to fixed: it won 60.0% of the slates"),
        (-0.2, "Users prefer fixed to learnt: it won 60.0% of the slates"),
        (0.0, "No decision yet on fixed against learnt: let it run on."),
    ],
)
def test_preferred_ranking_is_named(margin, expected):
    preference = Preference(
        policy="fixed",
        rival="learnt",
        num_slates=100,
        win_share=(1 + margin) / 2,
        margin=measure(margin),
    )
    arm = make_arm("mixed", preference=preference)
    assert conclude(MIXED, [arm], FINE, 0, False).startswith(expected)


def test_interleaving_with_few_users_is_undecided():
    said = conclude(MIXED, [make_arm("mixed")], FINE, 0, False)
    assert said == "No decision on the rankings in mixed: too few users."


def test_no_users_make_no_decision():
    assert "hold no slate" in conclude(EXPERIMENT, [], None, 0, False)
