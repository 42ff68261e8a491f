"""Finds the settings that read a column of times."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from components.behavior_example_gen.reading.columns.plain_cells import nulls
from components.behavior_example_gen.reading.columns.time_forms import (
    suggest_setting,
)
from components.behavior_example_gen.reading.columns.times import (
    to_microseconds,
)
from components.behavior_example_gen.reading.row_check import RowCheck
from pipeline.config_proposal.setting import Setting
from pipeline.runs.dates import write_day

_NUM_TRIED = 2000  # cells
_MIN_SHARE = 0.95  # of the cells that must be read
_FIRST, _LAST = 631_152_000, 4_102_444_800  # seconds: 1990 to 2100
_SUGGESTED = re.compile(r"`timestamp_(format|unit): \"?([^`\"]+)\"?`")


@dataclass(frozen=True)
class TimeProposal:
    """Settings beside the column, and the days that it then holds."""

    settings: list[Setting]
    days: str


def propose_time(
    cells: Sequence[Any], earliest: int = _FIRST
) -> TimeProposal | None:
    """Finds how ingest reads times.

    Args:
        cells: of the column, none of them missing.
        earliest: seconds; a column whose times are mostly before is none.

    Returns:
        None where nine of ten cells are no times of our days.
    """
    array = _to_array(cells[:: max(len(cells) // _NUM_TRIED, 1)])
    if array is None or not len(array):
        return None
    days = _read(array, "auto", None, earliest)
    if days:
        return TimeProposal([], days)
    found = _SUGGESTED.search(suggest_setting(array, None))
    if found is None:
        return None
    kind, value = found.groups()
    unit, form = (value, None) if kind == "unit" else ("auto", value)
    days = _read(array, unit, form, earliest)
    if not days:
        return None
    why = f"reads {array[0].as_py()!r}"
    return TimeProposal([Setting(f"timestamp_{kind}", value, why)], days)


def _to_array(cells: Sequence[Any]) -> pa.Array | None:
    if any(isinstance(cell, list | dict) for cell in cells):
        return None
    try:
        return pa.array(cells)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([str(cell) for cell in cells])


def _read(array: pa.Array, unit: str, form: str | None, earliest: int) -> str:
    """Returns the first and the last day; "" where they cannot be read."""
    check = RowCheck(len(array))
    times = to_microseconds(array, unit, form, "timestamp", check)
    is_read = check.passed() & ~nulls(times)
    seconds = times.fill_null(0).to_numpy() / 1e6
    is_ours = is_read & (seconds >= earliest) & (seconds < _LAST)
    if is_ours.mean() < _MIN_SHARE:
        return ""
    known = seconds[is_ours]
    return f"{write_day(int(np.min(known)))} to {write_day(int(np.max(known)))}"
