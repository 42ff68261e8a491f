"""What is known of users, in the SQLite state."""

import sqlite3
from collections.abc import Callable
from collections.abc import Mapping

from serving.gateway.behavior.log.profile_json import decode_profile
from serving.gateway.behavior.log.profile_json import encode_attributes
from serving.gateway.records.profile import Profile

TABLE = """
CREATE TABLE IF NOT EXISTS profiles (
    number INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
)
"""


def put(
    database: sqlite3.Connection, profiles: Mapping[str, Profile], bound: int
) -> int:
    """Keeps profiles; returns how many of the oldest leave for the bound."""
    database.executemany(
        "DELETE FROM profiles WHERE user_id = ?",
        [[user_id] for user_id in profiles],
    )
    database.executemany(
        "INSERT INTO profiles (user_id, body) VALUES (?, ?)",
        [
            (user_id, encode_attributes(profile).decode())
            for user_id, profile in profiles.items()
            if profile
        ],
    )
    dropped = database.execute(
        "DELETE FROM profiles WHERE number <= (SELECT number FROM profiles"
        " ORDER BY number DESC LIMIT 1 OFFSET ?)",
        [bound],
    )
    return dropped.rowcount


def find(read: Callable[..., list[tuple]], user_id: str) -> Profile:
    """Returns one profile; `read` runs a query with its parameters."""
    rows = read("SELECT body FROM profiles WHERE user_id = ?", user_id)
    return decode_profile(rows[0][0]) if rows else {}


def list_all(read: Callable[..., list[tuple]]) -> list[tuple[str, Profile]]:
    """Returns users and profiles, those put last at the end."""
    rows = read("SELECT user_id, body FROM profiles ORDER BY number")
    return [(user_id, decode_profile(body)) for user_id, body in rows]
