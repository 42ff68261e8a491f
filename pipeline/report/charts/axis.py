"""What is measured along one side of a chart."""

from dataclasses import dataclass

from matplotlib import ticker
from matplotlib.axes import Axes

_MAX_STEPS = 5
_ROUND_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What is measured along one side of a chart, from low to high.

    Attributes:
        low: None = the least value of the data.
        high: None = the greatest value of the data.
    """

    label: str
    low: float | None = None
    high: float | None = None
    is_share: bool = False  # ticks read as per cent
    is_whole: bool = False  # a count: no ticks between whole numbers
    is_ticked: bool = True  # False where the numbers mean nothing


def set_axes(axes: Axes, x: Axis, y: Axis) -> None:
    """Puts labels, ends and round ticks on the two axes of a chart."""
    axes.set_xlabel(x.label)
    axes.set_ylabel(y.label)
    axes.set_xlim(x.low, x.high)
    axes.set_ylim(y.low, y.high)
    for axis, settings in ((axes.xaxis, x), (axes.yaxis, y)):
        if not settings.is_ticked:
            axis.set_major_locator(ticker.NullLocator())
            continue
        axis.set_major_locator(
            ticker.MaxNLocator(
                _MAX_STEPS, steps=_ROUND_STEPS, integer=settings.is_whole
            )
        )
        if settings.is_share:
            axis.set_major_formatter(ticker.PercentFormatter(1.0))
