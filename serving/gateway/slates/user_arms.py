"""The arms of a user in the running experiments."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from serving.gateway.experiments.assignment import assign
from serving.gateway.experiments.experiment_config import ExperimentConfig


@dataclass(frozen=True, kw_only=True)
class UserArms:
    """A user's arms, and their settings.

    Attributes:
        names: experiment to arm.
        policy: ranking policy; None = the scenario's.
        version_label: of the model; None = the newest version.
        interleave_with: policy that shares the slate; None = none.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    policy: str | None = None
    version_label: str | None = None
    interleave_with: str | None = None


def choose_arms(arms: UserArms, policy: str, version_label: str) -> UserArms:
    """Puts what a request chooses in place of the arms.

    Such a slate belongs to no experiment.

    Args:
        arms: of the user.
        policy: "" = that of the scenario, if there is a label.
        version_label: "" = as configured, if there is a policy. Without both
            the arms stay.
    """
    if not policy and not version_label:
        return arms
    return UserArms(policy=policy or None, version_label=version_label or None)


def find_arms(
    experiments: Sequence[ExperimentConfig],
    user_id: str,
    scenario: str,
    now: float,
) -> UserArms:
    """Finds the arms of a user; an unknown user has none.

    Where two experiments set the same thing, the first one counts.

    Args:
        experiments: in the order of the configuration.
        user_id: "" = nobody known.
        scenario: where the slate is shown.
        now: seconds since the epoch.
    """
    names, settings = {}, {}
    for experiment in experiments:
        if not user_id or not experiment.is_open(scenario, now):
            continue
        name = assign(experiment, user_id)
        if name is None:
            continue
        names[experiment.name] = name
        arm = experiment.arms[name]
        if arm.version_label is not None:
            settings.setdefault("version_label", arm.version_label)
        if arm.policy is not None and "policy" not in settings:
            settings["policy"] = arm.policy
            settings["interleave_with"] = arm.interleave_with
    return UserArms(names=names, **settings)
