"""Proposes from which value on an event counts as a like."""

import numpy as np

_WANTED_SHARE = 0.55  # of the events: of the usual five stars four and five
_MAX_STEPS = 101  # distinct values of a scale; of more it is an amount


def propose_positive_value(values: np.ndarray) -> float | None:
    """Chooses the step of a scale that about half of the events reach.

    Args:
        values: float `[N]`, of events; NaN = none.

    Returns:
        A value that occurs, above the lowest; None where values are no scale
        of at least two steps.
    """
    steps, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    if not 2 <= len(steps) <= _MAX_STEPS:
        return None
    reached = np.cumsum(counts[::-1])[::-1] / counts.sum()
    best = np.argmin(np.abs(reached[1:] - _WANTED_SHARE)) + 1
    return float(steps[best])


def describe_values(values: np.ndarray, positive_value: float) -> str:
    """Writes what a bound means for the values.

    Args:
        values: float `[N]`, of events; NaN = none.
        positive_value: from which on an event counts as a like.

    Returns:
        Their range, and the share that reaches the bound.
    """
    known = values[np.isfinite(values)]
    share = np.mean(known >= positive_value)
    return (
        f"the values go from {known.min():g} to {known.max():g}, and "
        f"{share:.0%} are {positive_value:g} or more"
    )
