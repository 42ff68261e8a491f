"""What a run of the pipeline learnt from and was asked, for peers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as arrow_parquet

from benchmarks.quality.datasets import Dataset
from benchmarks.quality.datasets import Item
from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries

if TYPE_CHECKING:
    from components.window_examples.window import Window

_SKIP = "skip"  # what was shown and passed over: no peer learns from it


@dataclass(frozen=True)
class Recorded:
    """The data of one run, as peers take them.

    Attributes:
        dataset: events to learn from, without those that were passed over, and
            the catalogue.
        asked: the test queries, with what speaks for a user's taste.
        met: the same queries, with all that a user met.
    """

    dataset: Dataset
    asked: Queries
    met: Queries


def read_recorded(
    examples: Path, catalog: Path, repeats: bool, only_liked: bool
) -> Recorded:
    """Reads the artifacts of a run.

    Args:
        examples: folder of the splits.
        catalog: folder of the catalogue.
        repeats: whether a slate may show what was met.
        only_liked: whether queries count whose item was no success.
    """
    # Loads TensorFlow, which few callers need.
    from components.window_examples.reader import read_windows

    items = _read_items(catalog)
    learnt = [
        (window.user_id, event)
        for split in ("Split-train", "Split-eval")
        for window in read_windows(examples / split)
        for event in (*window.events[window.num_context :], window.label)
        if event.event_type != _SKIP
    ]
    windows = [
        window
        for window in read_windows(examples / "Split-test")
        if window.label.positive or not only_liked
    ]
    known = {window.user_id for window in windows}
    users = np.array(sorted(known | {user for user, _ in learnt}))
    dataset = Dataset(_number(learnt, users, items), items, True)
    queries = [
        _ask(windows, users, [*items], repeats, only_taste)
        for only_taste in (True, False)
    ]
    return Recorded(dataset, *queries)


def _read_items(catalog: Path) -> dict[str, Item]:
    """The catalogue in order of its ids."""
    columns = ["item_id", "title", "categories", "description"]
    (file,) = catalog.glob("*.parquet")
    rows = arrow_parquet.read_table(file, columns=columns).to_pylist()
    return {
        row["item_id"]: Item(
            row["title"], tuple(row["categories"]), row["description"]
        )
        for row in sorted(rows, key=lambda row: row["item_id"])
    }


def _number(learnt, users, items) -> Interactions:
    """Numbers users and items; events in order of time, then as they come."""
    item_ids = np.array([*items])
    known = [(user, event) for user, event in learnt if event.item_id in items]
    times = np.array([event.timestamp for _, event in known], np.int64)
    order = np.argsort(times, kind="stable")
    values = [
        np.nan if event.value is None else event.value for _, event in known
    ]
    user_ids = np.array([user for user, _ in known])
    met = np.array([event.item_id for _, event in known])
    return Interactions(
        np.searchsorted(users, user_ids)[order],
        np.searchsorted(item_ids, met)[order],
        times[order],
        np.array(values, np.float32)[order],
        users,
        item_ids,
    )


def _ask(
    windows: Sequence["Window"],
    users: np.ndarray,
    item_ids: Sequence[str],
    repeats: bool,
    only_taste: bool,
) -> Queries:
    """Makes a query of each window."""
    rows = {item: row for row, item in enumerate(item_ids)}
    histories, targets, whose = [], [], []
    for window in windows:
        events = [
            event.item_id
            for event in window.events
            if not (only_taste and event.event_type == _SKIP)
        ]
        history = [*window.older_item_ids, *events]
        histories.append([rows[one] for one in history if one in rows])
        # An item that the catalogue lacks is in no slate: a miss.
        targets.append(rows.get(window.label.item_id, len(rows)))
        whose.append(window.user_id)
    offsets = np.cumsum([0, *map(len, histories)])
    history = np.array([row for one in histories for row in one], np.int64)
    return Queries(
        users=np.searchsorted(users, whose),
        offsets=offsets,
        history=history,
        rows=np.zeros_like(history),  # no peer here looks at single events
        target_offsets=np.arange(len(targets) + 1),
        targets=np.array(targets, np.int64),
        is_candidate=np.ones(len(item_ids), bool),
        groups=np.array([""] * len(targets)),
        repeats=repeats,
    )
