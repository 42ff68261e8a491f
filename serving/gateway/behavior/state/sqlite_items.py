"""What shops have told of items, in the SQLite state."""

import json
import sqlite3
from collections.abc import Callable
from collections.abc import Sequence

from serving.gateway.behavior.log.record_json import decode_item
from serving.gateway.behavior.log.record_json import decode_items
from serving.gateway.behavior.log.record_json import encode_item
from serving.gateway.records.item_facts import ItemFacts


def put(
    database: sqlite3.Connection, items: Sequence[ItemFacts], bound: int
) -> int:
    """Puts items; returns how many of the oldest leave for the bound."""
    database.executemany(
        "INSERT OR REPLACE INTO items (item_id, body) VALUES (?, ?)",
        [(item.item_id, encode_item(item)) for item in items],
    )
    dropped = database.execute(
        "DELETE FROM items WHERE number <= (SELECT number FROM items"
        " ORDER BY number DESC LIMIT 1 OFFSET ?)",
        [bound],
    )
    return dropped.rowcount


def replace(
    database: sqlite3.Connection, number: int, item: ItemFacts, bound: int
) -> int | None:
    """Puts an item if it still has its number; None = it has not."""
    query = "SELECT number FROM items WHERE item_id = ?"
    known = database.execute(query, [item.item_id]).fetchone()
    if (known[0] if known else 0) != number:
        return None
    return put(database, [item], bound)


def find(
    read: Callable[..., list[tuple]], item_id: str
) -> tuple[int, ItemFacts | None]:
    """Returns number and item; `read` runs a query with its parameters."""
    query = "SELECT number, body FROM items WHERE item_id = ?"
    rows = read(query, item_id)
    if not rows:
        return 0, None
    number, body = rows[0]
    return number, decode_item(json.loads(body))


def list_after(
    read: Callable[..., list[tuple]], number: int
) -> list[ItemFacts]:
    """Returns the items put after a number, those put last at the end."""
    query = "SELECT body FROM items WHERE number > ? ORDER BY number"
    return decode_items(body for (body,) in read(query, number))
