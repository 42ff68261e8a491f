"""Counts that halve with age, stored as a number that needs no update."""

import math

from serving.gateway.records.event import Event

# Event types that count for popularity.
COUNTED_TYPES = (
    "view",
    "click",
    "cart",
    "purchase",
    "rate",
    "listen",
    "review",
)
MIN_AGE = 1e-9  # half-lives; an event that makes up all but so little of a
# count is all of it
_MAX_EXPONENT = 1000.0  # 2^1024 is no float; met only if clocks went back


def is_counted(event: Event) -> bool:
    """Tells whether an event makes its item more popular by one."""
    return event.event_type in COUNTED_TYPES


def name_counters(scenario: str, half_life: float) -> list[str]:
    """Returns the counters of an event of a scenario.

    Args:
        scenario: "" = none.
        half_life: seconds; counts of two half-lives do not mix.

    Returns:
        The counter of all events last, the scenario's own first.
    """
    names = dict.fromkeys((scenario, ""))
    return [f"{half_life:g}/{name}" for name in names]


def add_event(
    log_weight: float | None, timestamp: float, half_life: float
) -> float:
    """Counts one more event.

    An event at t is held as log2 of 2^(t / half-life). Sums of these only
    have to be scaled when they are read, come out the same in whatever
    order events arrive, and sort as the decayed counts do at any time. Logs
    keep them in range.

    Source:
        Cormode et al., "Forward Decay", ICDE 2009,
        doi:10.1109/ICDE.2009.65.

    Args:
        log_weight: of the events so far; None = there are none.
        timestamp: of the event, seconds.
        half_life: seconds.

    Returns:
        The log weight with the event.
    """
    new = timestamp / half_life
    if log_weight is None:
        return new
    low, high = sorted((log_weight, new))
    return high + math.log2(1 + 2.0 ** (low - high))


def take_event(
    log_weight: float, timestamp: float, half_life: float
) -> float | None:
    """Takes back one event that was counted.

    Args:
        log_weight: of the events so far.
        timestamp: of the event, seconds.
        half_life: seconds.

    Returns:
        The log weight of the others; None = there are none.
    """
    age = log_weight - timestamp / half_life
    if age < MIN_AGE:
        return None
    return log_weight + math.log2(1 - 2.0**-age)


def read_weight(log_weight: float, now: float, half_life: float) -> float:
    """Returns the decayed count: an event of just now counts 1."""
    return 2.0 ** min(log_weight - now / half_life, _MAX_EXPONENT)
