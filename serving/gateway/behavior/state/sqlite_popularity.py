"""Popularity counts in SQLite."""

import sqlite3
from collections.abc import Callable
from collections.abc import Sequence

from serving.gateway.behavior.state.decayed_count import add_event
from serving.gateway.behavior.state.decayed_count import is_counted
from serving.gateway.behavior.state.decayed_count import name_counters
from serving.gateway.behavior.state.decayed_count import read_weight
from serving.gateway.behavior.state.decayed_count import take_event
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.records.event import Event

_PRUNED_EVERY = 1000  # events; the bounds are exceeded by as many items


class SqlitePopularity:
    """Counts events by item, within the caller's transaction."""

    def __init__(self, limits: StateLimits):
        self._limits = limits
        self._unpruned = _PRUNED_EVERY  # the first events of a process prune

    def count(
        self, database: sqlite3.Connection, events: Sequence[Event]
    ) -> None:
        """Counts events, and regularly removes counters beyond the limits."""
        half_life = self._limits.half_life
        weights: dict[tuple[str, str], float] = {}
        used: dict[str, float] = {}
        for event in filter(is_counted, events):
            for counter in name_counters(event.scenario, half_life):
                key = (counter, event.item_id)
                known = weights.get(key)
                if known is None:
                    known = _read(database, key)
                weights[key] = add_event(known, event.timestamp, half_life)
                used[counter] = max(
                    used.get(counter, event.timestamp), event.timestamp
                )
        database.executemany(
            "INSERT OR REPLACE INTO popularity VALUES (?, ?, ?)",
            [(*key, weight) for key, weight in weights.items()],
        )
        database.executemany(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT DO UPDATE"
            " SET active = max(active, excluded.active)",
            used.items(),
        )
        self._unpruned += len(events)
        if self._unpruned >= _PRUNED_EVERY:
            self._prune(database)
            self._unpruned = 0

    def take_back(self, database: sqlite3.Connection, event: Event) -> None:
        """Counts an event no more."""
        half_life = self._limits.half_life
        if not is_counted(event):
            return
        for counter in name_counters(event.scenario, half_life):
            key = (counter, event.item_id)
            known = _read(database, key)
            if known is None:
                continue
            weight = take_event(known, event.timestamp, half_life)
            if weight is None:
                database.execute(
                    "DELETE FROM popularity WHERE counter = ? AND item_id = ?",
                    key,
                )
            else:
                database.execute(
                    "INSERT OR REPLACE INTO popularity VALUES (?, ?, ?)",
                    (*key, weight),
                )

    def read(
        self,
        query: Callable[..., list[tuple]],
        scenario: str,
        now: float,
    ) -> dict[str, float]:
        """Returns decayed counts, the most popular first.

        Args:
            query: runs SQL with parameters and returns the rows.
            scenario: "" = of all events.
            now: seconds since the epoch.
        """
        half_life = self._limits.half_life
        rows = query(
            "SELECT item_id, log_weight FROM popularity WHERE counter = ?"
            " ORDER BY log_weight DESC LIMIT ?",
            name_counters(scenario, half_life)[0],
            self._limits.popular_items,
        )
        return {
            item_id: read_weight(log_weight, now, half_life)
            for item_id, log_weight in rows
        }

    def _prune(self, database: sqlite3.Connection) -> None:
        surplus = database.execute(
            "SELECT counter FROM counters ORDER BY active DESC"
            " LIMIT -1 OFFSET ?",
            [self._limits.scenarios + 1],  # and the one of all events
        ).fetchall()
        for table in ("counters", "popularity"):
            database.executemany(
                f"DELETE FROM {table} WHERE counter = ?", surplus
            )
        counters = database.execute("SELECT counter FROM counters").fetchall()
        database.executemany(
            "DELETE FROM popularity WHERE counter = ?1 AND item_id IN"
            " (SELECT item_id FROM popularity WHERE counter = ?1"
            " ORDER BY log_weight DESC LIMIT -1 OFFSET ?2)",
            [(*counter, self._limits.popular_items) for counter in counters],
        )


def _read(database: sqlite3.Connection, key: tuple[str, str]) -> float | None:
    row = database.execute(
        "SELECT log_weight FROM popularity WHERE counter = ? AND item_id = ?",
        key,
    ).fetchone()
    return row[0] if row else None
