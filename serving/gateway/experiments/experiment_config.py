"""Settings of an A/B test."""

import math
from typing import Annotated

from pydantic import Field
from pydantic import model_validator
from pydantic.dataclasses import dataclass

_SHARE_TOLERANCE = 1e-9  # rounding error of shares that sum to 1

_Name = Annotated[str, Field(min_length=1, max_length=64)]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class ArmConfig:
    """What the users of one arm get; None = unchanged."""

    share: Annotated[float, Field(gt=0.0, le=1.0)]  # of the experiment's users
    policy: _Name | None = None  # ranking policy
    version_label: _Name | None = None  # of the served model, as `stable`
    interleave_with: _Name | None = None  # policy that shares each slate

    @model_validator(mode="after")
    def _check_policies(self) -> "ArmConfig":
        if self.interleave_with is None:
            return self
        if self.policy is None or self.policy == self.interleave_with:
            raise ValueError(
                "`interleave_with` must come with another `policy`. Received: "
                f"policy={self.policy}, interleave_with="
                f"{self.interleave_with}."
            )
        return self


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class ExperimentConfig:
    """Settings of one A/B test; the first arm is the control.

    Raising `traffic` adds users and moves none between arms. Changing `arms` or
    `salt` moves users, so it needs a new `name`.
    """

    name: _Name
    salt: Annotated[str, Field(min_length=1)]  # another one assigns users again
    arms: Annotated[dict[_Name, ArmConfig], Field(min_length=1)]
    scenarios: tuple[str, ...] = ()  # empty = all
    traffic: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0  # share of users
    # in the experiment
    ends_at: float | None = None  # seconds since the epoch; None = open

    @model_validator(mode="after")
    def _check_shares(self) -> "ExperimentConfig":
        total = math.fsum(arm.share for arm in self.arms.values())
        if abs(total - 1.0) > _SHARE_TOLERANCE:
            raise ValueError(
                "shares of the arms must sum to 1. Received: "
                + " + ".join(f"{arm.share:g}" for arm in self.arms.values())
                + f" = {total:g}."
            )
        return self

    def is_open(self, scenario: str, now: float) -> bool:
        """Tells whether a request takes part.

        Args:
            scenario: of the request, "" = none.
            now: seconds since the epoch.
        """
        if self.ends_at is not None and now >= self.ends_at:
            return False
        return not self.scenarios or scenario in self.scenarios
