"""The slates that were shown, joined with the events after them."""

import sqlite3
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter
from pydantic import ValidationError

from schemas.events import UNDO
from serving.gateway.experiments.success_rule import SuccessRule
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE told (
    slate_id TEXT, user_id TEXT, item_id TEXT, event_id TEXT,
    PRIMARY KEY (slate_id, user_id, item_id, event_id)
) WITHOUT ROWID;
CREATE TABLE undone (
    user_id TEXT, event_id TEXT, PRIMARY KEY (user_id, event_id)
) WITHOUT ROWID;
CREATE VIEW success AS SELECT DISTINCT slate_id, user_id, item_id FROM told
    WHERE (user_id, event_id) NOT IN (SELECT * FROM undone);
CREATE TABLE shown (slate_id TEXT PRIMARY KEY) WITHOUT ROWID;
BEGIN;
"""  # never committed: nobody else reads it


@dataclass(frozen=True, kw_only=True)
class JudgedSlate:
    """A slate and its successes.

    Attributes:
        succeeded: ids of its items that its user took.
    """

    exposure: Exposure
    succeeded: frozenset[str]


class SlateLog:
    """Reads the gateway's logs; can be read several times.

    Memory stays small for logs of any length, and the lines may be in any
    order, as clocks and writers differ: successes and ids are kept in a
    temporary SQLite file, which needs disk space of about the size of both.

    An event counts for the slate that it names if the slate had the item and
    was shown to the same user, unless it was taken back. What is logged twice
    counts once.

    Attributes:
        num_unreadable_lines: lines of the last reading that hold no record,
            as the torn last one of a writer that was killed.
        num_repeated_slates: of the last reading, left out.
        num_unmatched_successes: of the last reading: they name a slate, an
            item of it or a user that no exposure has.
    """

    def __init__(self, folders: Sequence[Path], success: SuccessRule):
        """Reads the events.

        Args:
            folders: each holds `events-*.jsonl` and `exposures-*.jsonl`.
            success: which events count.

        Raises:
            FileNotFoundError: no folder holds exposures.
            OSError: a file cannot be read, or the disk is full.
        """
        self._exposures = _list_files(folders, "exposures-*.jsonl")
        if not self._exposures:
            raise FileNotFoundError(
                "folders must hold `exposures-*.jsonl`. Received: "
                f"{', '.join(map(str, folders)) or 'no folder'}."
            )
        # "" = a temporary file that SQLite removes by itself.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_TABLES)
        self._num_unreadable_events = 0
        self._database.executemany(
            "INSERT OR IGNORE INTO told VALUES (?, ?, ?, ?)",
            self._read_successes(
                _list_files(folders, "events-*.jsonl"), success
            ),
        )
        query = "SELECT COUNT(*) FROM success"
        self._num_successes = self._database.execute(query).fetchone()[0]
        self._reset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        self._database.close()

    def __iter__(self) -> Iterator[JudgedSlate]:
        self._reset()
        adapter = TypeAdapter(Exposure)
        for line in _read_lines(self._exposures):
            try:
                exposure = adapter.validate_json(line)
            except ValidationError:
                self.num_unreadable_lines += 1
                continue
            added = self._database.execute(
                "INSERT OR IGNORE INTO shown VALUES (?)", (exposure.slate_id,)
            )
            if not added.rowcount:
                self.num_repeated_slates += 1
                continue
            succeeded = self._find_successes(exposure)
            self.num_unmatched_successes -= len(succeeded)
            yield JudgedSlate(exposure=exposure, succeeded=succeeded)

    def _reset(self):
        self._database.execute("DELETE FROM shown")
        self.num_unreadable_lines = self._num_unreadable_events
        self.num_repeated_slates = 0
        self.num_unmatched_successes = self._num_successes

    def _read_successes(self, paths, success):
        adapter = TypeAdapter(Event)
        for line in _read_lines(paths):
            try:
                event = adapter.validate_json(line)
            except ValidationError:
                self._num_unreadable_events += 1
                continue
            if event.event_type == UNDO:
                self._database.execute(
                    "INSERT OR IGNORE INTO undone VALUES (?, ?)",
                    (event.user_id, event.text),
                )
            if event.slate_id and success.counts(event.event_type, event.value):
                yield (
                    event.slate_id,
                    event.user_id,
                    event.item_id,
                    event.event_id,
                )

    def _find_successes(self, exposure) -> frozenset[str]:
        rows = self._database.execute(
            "SELECT item_id FROM success WHERE slate_id = ? AND user_id = ?",
            (exposure.slate_id, exposure.user_id),
        )
        taken = {item_id for (item_id,) in rows}
        return frozenset(taken & {item.item_id for item in exposure.items})


def _list_files(folders, pattern) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.glob(pattern))]


def _read_lines(paths) -> Iterator[bytes]:
    for path in paths:
        with path.open("rb") as file:
            yield from file
