"""Sums per user and group, of any number of users."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

_MAX_HELD = 20_000  # users whose sums are in memory before they are written
_MAX_ROWS = 10_000  # users that are read at a time


@dataclass(frozen=True)
class Moments:
    """Moments of a group's users, each with K sums.

    Attributes:
        num_users: users of the group.
        sums: float64 `[K]`, over all users.
        products: float64 `[K, K]`, products of two of a user's sums, over
            all users.
        num_nonzero: int64 `[K]`, users whose sum is not 0.
    """

    num_users: int
    sums: np.ndarray
    products: np.ndarray
    num_nonzero: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray) -> Self:
        """Computes the moments of some users.

        Args:
            rows: float64 `[users, K]`.
        """
        return cls(
            len(rows),
            rows.sum(axis=0),
            rows.T @ rows,
            np.count_nonzero(rows, axis=0),
        )

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(
            self.num_users + other.num_users,
            self.sums + other.sums,
            self.products + other.products,
            self.num_nonzero + other.num_nonzero,
        )


class UserTotals:
    """Adds up numbers per user, in bounded memory.

    Users are assigned to arms, and slates of one user resemble each other: so
    intervals need sums per user. They are kept in a temporary SQLite file.
    """

    def __init__(self, num_columns: int):
        """Begins without users.

        Args:
            num_columns: K, numbers added up per user, at least 1.
        """
        self._num_columns = num_columns
        self._held: dict[tuple[str, str], list[float]] = {}
        # "" = a temporary file that SQLite removes by itself.
        self._database = sqlite3.connect("", isolation_level=None)
        names = [f"column_{i}" for i in range(num_columns)]
        self._database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE total (user_id TEXT, group_name TEXT, "
            + "".join(f"{name} REAL, " for name in names)
            + "PRIMARY KEY (user_id, group_name)) WITHOUT ROWID; BEGIN;"
        )
        self._upsert = (
            f"INSERT INTO total VALUES (?, ?{', ?' * num_columns}) "
            "ON CONFLICT DO UPDATE SET "
            + ", ".join(f"{name} = {name} + excluded.{name}" for name in names)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        self._database.close()

    def add(self, user_id: str, group: str, values: Sequence[float]) -> None:
        """Adds to the sums of one user.

        Args:
            user_id: an opaque id.
            group: what the user belongs to now.
            values: K numbers.
        """
        sums = self._held.setdefault(
            (user_id, group), [0.0] * self._num_columns
        )
        for column, value in enumerate(values):
            sums[column] += value
        if len(self._held) >= _MAX_HELD:
            self._flush()

    def compute_moments(self) -> tuple[dict[str, Moments], int]:
        """Sums over users.

        Returns:
            Moments by group, of users who were in one group only; and the
            number of users who were in several, who are left out.
        """
        self._flush()
        rows = self._database.execute(
            "SELECT *, COUNT(*) AS num_groups FROM total GROUP BY user_id"
        )
        moments: dict[str, Moments] = {}
        num_switchers = 0
        while block := rows.fetchmany(_MAX_ROWS):
            by_group: dict[str, list] = {}
            for _, group, *sums, num_groups in block:
                if num_groups > 1:
                    num_switchers += 1
                else:
                    by_group.setdefault(group, []).append(sums)
            for group, sums in by_group.items():
                new = Moments.of(np.array(sums))
                known = moments.get(group)
                moments[group] = new if known is None else known + new
        return moments, num_switchers

    def _flush(self):
        self._database.executemany(
            self._upsert,
            ([*key, *sums] for key, sums in self._held.items()),
        )
        self._held.clear()
