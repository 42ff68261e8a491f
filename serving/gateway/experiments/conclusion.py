"""The conclusion of an A/B test, in words."""

from collections.abc import Sequence

from serving.gateway.experiments.arm_report import ArmReport
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.experiments.sample_ratio import SampleRatio

_MAX_SWITCHERS = 0.01  # share of users in several arms that is tolerable


def conclude(
    experiment: ExperimentConfig,
    arms: Sequence[ArmReport],
    sample_ratio: SampleRatio | None,
    num_switchers: int,
    has_ended: bool,
) -> str:
    """Writes the conclusion.

    Args:
        experiment: the first arm is the control.
        arms: those with users.
        sample_ratio: None = there are no users.
        num_switchers: users in several arms.
        has_ended: no more users come in.
    """
    num_users = num_switchers + sum(arm.num_users for arm in arms)
    if not num_users:
        return "No decision yet: the logs hold no slate of the experiment."
    if num_switchers > _MAX_SWITCHERS * num_users:
        return (
            f"Do not trust these figures: {num_switchers} of {num_users} "
            "users were in several arms. Were the arms or the salt changed?"
        )
    if sample_ratio.is_mismatched:
        return (
            "Do not trust these figures: the sample ratio is off (p = "
            f"{sample_ratio.p_value:.2g}). Something loses or adds users of "
            "an arm."
        )
    control, *others = experiment.arms
    by_name = {arm.name: arm for arm in arms}
    sentences = [
        _judge(name, control, by_name.get(name), has_ended) for name in others
    ]
    for arm in arms:
        sentences += _warn_of_fallbacks(arm)
        if experiment.arms[arm.name].interleave_with is not None:
            sentences.append(_judge_preference(arm, has_ended))
    return " ".join(sentences) or "There is nothing to compare: one arm."


def _judge(name, control, arm, has_ended) -> str:
    if arm is None or arm.comparison is None:
        return f"No decision on {name}: too few users and successes."
    effect = arm.comparison.difference
    direction = _find_direction(effect)
    if not direction:
        return _abstain(f"{name} against {control}", has_ended)
    lift = arm.comparison.lift
    amount = "" if lift is None else f" by {abs(lift):.1%}"
    return (
        f"{name} is {'better' if direction > 0 else 'worse'} than {control}"
        f"{amount} (always-valid p = {effect.always_valid_p:.2g})."
    )


def _warn_of_fallbacks(arm) -> list[str]:
    comparison = arm.fallback_comparison
    if comparison is None or _find_direction(comparison.difference) <= 0:
        return []
    return [
        f"But more slates of {arm.name} were made without a model "
        f"({arm.fallback_share:.1%}): find out why first."
    ]


def _judge_preference(arm, has_ended) -> str:
    preference = arm.preference
    if preference is None:
        return f"No decision on the rankings in {arm.name}: too few users."
    policies = [preference.policy, preference.rival]
    direction = _find_direction(preference.margin)
    if not direction:
        return _abstain(" against ".join(policies), has_ended)
    worse, better = policies[::direction]
    share = max(preference.win_share, 1 - preference.win_share)
    return (
        f"Users prefer {better} to {worse}: it won {share:.1%} of the slates "
        f"that tell (always-valid p = {preference.margin.always_valid_p:.2g})."
    )


def _abstain(subject, has_ended) -> str:
    if has_ended:
        return f"The experiment ended without a decision on {subject}."
    return f"No decision yet on {subject}: let it run on."


def _find_direction(effect) -> int:
    """Returns 1 or -1 where 0 is not within the always-valid interval."""
    low, high = effect.always_valid_interval
    return (low > 0) - (high < 0)
