"""A scale with round ticks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_MAX_STEPS = 5
_ROUND_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What is measured along one side of a chart, from low to high.

    Raises:
        ValueError: `high` is not above `low`.
    """

    label: str
    low: float
    high: float
    is_share: bool = False  # ticks read as per cent
    is_whole: bool = False  # counts something: no ticks in between
    is_ticked: bool = True  # False where the numbers mean nothing

    def __post_init__(self):
        if not self.high > self.low:
            raise ValueError(
                "`high` must be above `low`. Received: "
                f"low={self.low}, high={self.high}."
            )

    def place(self, value: float) -> float:
        """Returns where a value lies: 0 = low end, 1 = high end."""
        return (value - self.low) / (self.high - self.low)

    def list_ticks(self) -> list[tuple[float, str]]:
        """Returns round values within the axis, each with its text."""
        if not self.is_ticked:
            return []
        step = _choose_step(self.high - self.low, self.is_whole)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [
            (number * step, self._write(number * step, step))
            for number in range(first, last + 1)
        ]

    def _write(self, value: float, step: float) -> str:
        if self.is_share:
            value, step = 100 * value, 100 * step
        # "+ 0.0" turns minus zero into zero.
        text = f"{value + 0.0:,.{_count_decimals(step)}f}"
        return f"{text}%" if self.is_share else text


def fit_axis(
    label: str, values: Iterable[float], is_whole: bool = False
) -> Axis:
    """Builds the axis that just holds all values.

    Args:
        label: what is measured.
        values: finite, at least one.
        is_whole: whether they count something.

    Returns:
        The axis; values that are all alike get some air around them.
    """
    values = list(values)
    low, high = min(values), max(values)
    if not high > low:
        air = abs(low) / 2 or 0.5
        low, high = low - air, high + air
    return Axis(label=label, low=low, high=high, is_whole=is_whole)


def _choose_step(span: float, is_whole: bool) -> float:
    magnitude = 10.0 ** math.floor(math.log10(span / _MAX_STEPS))
    steps = [
        step * magnitude
        for step in _ROUND_STEPS
        if not is_whole or (step * magnitude).is_integer()
    ]
    return next((step for step in steps if span / step <= _MAX_STEPS), 1.0)


def _count_decimals(step: float) -> int:
    """Returns how many decimals tell neighbouring ticks apart."""
    for decimals in range(12):
        if math.isclose(step, round(step, decimals), rel_tol=1e-6):
            return decimals
    return 12
