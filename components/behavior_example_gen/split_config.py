"""How events are divided into splits, and the settings of ingest as a whole."""

from dataclasses import field
from datetime import UTC
from datetime import datetime
from typing import Literal

from pydantic import PositiveInt
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from components.behavior_example_gen.config import DatasetConfig


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class SplitConfig:
    """How events are divided into train, eval and test.

    `temporal`: two cut points in time. `leave_last`: of each user the last
    event is for test, the one before for eval. `hold_out`, for events without
    any order: shares drawn by a hash of user and item.
    """

    method: Literal["temporal", "leave_last", "hold_out"] = "temporal"
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1)  # of all events,
    # but with leave_last
    cut_points: tuple[int | datetime, int | datetime] | None = None  # first
    # instant of eval and of test, seconds or ISO 8601; instead of fractions
    max_window: PositiveInt = 50  # L, events of one window
    max_older: PositiveInt = 4096  # items before the window, for exclusion
    max_queries: PositiveInt = 20_000  # of eval and of test, each

    @model_validator(mode="after")
    def _check(self) -> "SplitConfig":
        if min(self.fractions) < 0 or abs(sum(self.fractions) - 1) > 1e-6:
            raise ValueError(
                "`fractions` must be three shares >= 0 that add up to 1. "
                f"Received: fractions={self.fractions}."
            )
        if self.cut_points and self.method != "temporal":
            raise ValueError(
                "`cut_points` need method=temporal. Received: "
                f"method={self.method}."
            )
        cuts = self.cut_seconds()
        if cuts and cuts[0] > cuts[1]:
            raise ValueError(
                "`cut_points` must be in order of time. Received: "
                f"cut_points={self.cut_points}."
            )
        return self

    def needs_cuts(self) -> bool:
        """Tells whether cut points must be found from the events."""
        return self.method == "temporal" and self.cut_points is None

    def cut_seconds(self) -> tuple[int, int] | None:
        """Returns the cut points in seconds; None where none are set."""
        if self.cut_points is None:
            return None
        return tuple(
            int(_as_utc(cut).timestamp())
            if isinstance(cut, datetime)
            else int(cut)
            for cut in self.cut_points
        )


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class ExampleGenConfig:
    """What BehaviorExampleGen takes as its `config` parameter."""

    dataset: DatasetConfig
    splits: SplitConfig = field(default_factory=SplitConfig)

    @model_validator(mode="after")
    def _check(self) -> "ExampleGenConfig":
        check_order(self.dataset, self.splits)
        return self


def check_order(dataset: DatasetConfig, splits: SplitConfig) -> None:
    """Checks that the splits ask for no order that the events do not have.

    Raises:
        ValueError: they do; the message says why and what to set.
    """
    order = dataset.events.order
    if order == "none":
        allowed, why = ("hold_out",), "have no order"
    elif not dataset.has_times():
        allowed, why = ("leave_last",), "have an order but no times"
    else:
        allowed, why = ("temporal", "leave_last"), "have times"
    if splits.method not in allowed:
        raise ValueError(
            f"`splits.method` must be {' or '.join(allowed)} where events "
            f"{why} (`events.order: {order}`). Received: "
            f"method={splits.method}."
        )


def _as_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
