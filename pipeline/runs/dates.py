"""Writes moments as people read them."""

import datetime


def write_day(seconds: int) -> str:
    """Writes a day of UTC, as "9 January 1995".

    Args:
        seconds: since the epoch.
    """
    day = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return f"{day.day} {day:%B %Y}"


def write_span(first: int | None, last: int | None) -> str:
    """Writes from when to when events were; None = nobody knows."""
    if first is None or last is None:
        return "times unknown"
    return f"{write_day(first)} to {write_day(last)}"


def write_moment(text: str) -> str:
    """Writes the id of a run as its date and time, "9 January 1995, 09:21".

    Args:
        text: ISO 8601; what is none stays as it is.
    """
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{moment.day} {moment:%B %Y, %H:%M}"


def write_duration(seconds: float) -> str:
    """Writes how long something took, as "7 min 22 s" or "1.9 s"."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{seconds:.1f} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
