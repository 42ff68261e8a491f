"""Whether events are enough for the splits and for the gate."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from components.behavior_example_gen import cut_points
from components.behavior_example_gen import histories
from pipeline.config import PipelineConfig
from pipeline.data_check.event_checks import find_unknown
from pipeline.data_check.finding import Finding
from schemas import events as names


def assign_splits(
    config: PipelineConfig, events: pa.Table
) -> tuple[pa.Table, np.ndarray]:
    """Sorts events and divides them as ingest does.

    Args:
        config: of the run.
        events: at least one.

    Returns:
        The sorted events, and int8 `[events]`: TRAIN, EVAL, TEST.
    """
    dataset, splits = config.dataset, config.splits
    table = histories.sort_histories(events, dataset.ties, dataset.ties_seed)
    if splits.method == "leave_last":
        codes = table[histories.USER_CODE].to_numpy()
        return table, histories.assign_leave_last(histories.first_events(codes))
    if splits.method == "hold_out":
        return table, histories.assign_hold_out(
            table, splits.fractions, dataset.ties_seed
        )
    seconds = table[names.TIMESTAMP].to_numpy()
    cuts = splits.cut_seconds() or cut_points.find_cuts(
        cut_points.count_moments(seconds), splits.fractions
    )
    return table, histories.assign_temporal(seconds, cuts)


def check_splits(
    config: PipelineConfig,
    events: pa.Table,
    split: np.ndarray,
    items: pa.Table | None,
    is_cut: bool = False,
) -> Iterator[Finding]:
    """Finds splits without events, and what the gate will miss.

    Args:
        config: of the run.
        events: sorted, of `assign_splits`.
        split: of each event.
        items: the catalogue; None = it is not known.
        is_cut: these are the first events alone: how many of all are in a
            split is unknown.
    """
    if not (split == histories.TRAIN).any():
        part = "the first " if is_cut else ""
        times = ""
        if config.dataset.has_times():
            times = f", {_describe_times(events)}"
        yield Finding(
            level="warning" if is_cut else "error",
            code="no_train_events",
            text="the train split must hold at least one event. "
            f"Received: none of {part}{len(split):,}{times}",
            remedy=f"set {_list_settings(config)}",
        )
        return
    if is_cut:
        return
    if not (split == histories.EVAL).any():
        yield Finding(
            level="warning",
            code="no_eval_events",
            text="no event is for eval: training cannot tell when to stop",
            remedy=f"bring more data, or set {_list_settings(config)}"
            if config.splits.method != "leave_last"
            else "bring users with three events or more",
        )
    if items is not None:
        yield from _check_gate(config, events, split, items)


def _check_gate(
    config: PipelineConfig,
    events: pa.Table,
    split: np.ndarray,
    items: pa.Table,
) -> Iterator[Finding]:
    bounds = config.evaluator
    users = events[histories.USER_CODE].to_numpy()
    is_query = split == histories.TEST
    is_query &= ~find_unknown(events, items, names.ITEM_ID)
    if not config.dataset.repeats:
        is_query &= ~_find_met(users, events[names.ITEM_ID])
    found = {
        "min_queries": (
            int(is_query.sum()),
            "test events whose item a slate could show",
        ),
        "min_users": (len(np.unique(users[is_query])), "users with such"),
        "min_candidates": (items.num_rows, "items to choose from"),
    }
    settings = ""
    if config.splits.method != "leave_last":
        settings = f"set {_list_settings(config)}, "
    for name, (count, what) in found.items():
        if name == "min_candidates":
            settings = ""  # all items are candidates, however events are split
        least = getattr(bounds, name)
        if count < least:
            yield Finding(
                level="warning",
                code=name,
                text=f"the gate asks for {least:,} {what}. Received: {count:,}"
                ". The run goes on, and its model is not pushed",
                remedy=f"bring more data, {settings}"
                f"or lower `evaluator.{name}`",
            )


def _list_settings(config: PipelineConfig) -> str:
    """Names settings that events may be divided by in another way."""
    splits = config.splits
    other = "cut_points" if splits.cut_points else "fractions"
    if splits.method == "hold_out":
        return f"other `splits.{other}`"
    return f"`splits.method: leave_last` or other `splits.{other}`"


def _find_met(users: np.ndarray, items: pa.ChunkedArray) -> np.ndarray:
    """Tells which events are on an item that their user met before."""
    codes = items.combine_chunks().dictionary_encode().indices.to_numpy()
    pairs = users.astype(np.int64) * (codes.max(initial=0) + 1) + codes
    is_met = np.ones(len(pairs), bool)
    is_met[np.unique(pairs, return_index=True)[1]] = False
    return is_met


def _describe_times(events: pa.Table) -> str:
    moments = np.unique(events[names.TIMESTAMP].to_numpy())
    if len(moments) == 1:
        return "which all have the same time"
    return f"at {len(moments):,} different times"
