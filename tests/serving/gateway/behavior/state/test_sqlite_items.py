import contextlib

from serving.gateway.behavior.state import sqlite_items
from serving.gateway.behavior.state.sqlite_schema import open_database
from serving.gateway.records.item_facts import ItemFacts


def test_item_of_a_form_that_is_not_known_can_be_replaced(tmp_path):
    item = ItemFacts(item_id="a", title="A")
    with contextlib.closing(open_database(tmp_path / "s.db")) as database:

        def read(query, *parameters):
            return database.execute(query, parameters).fetchall()

        database.execute(
            "INSERT INTO items (item_id, body) VALUES ('a', '{\"title\": 7}')"
        )
        number, found = sqlite_items.find(read, "a")
        assert (number, found) == (1, None)
        assert sqlite_items.replace(database, number, item, 10) == 0
        assert sqlite_items.find(read, "a") == (2, item)
        assert sqlite_items.list_after(read, 1) == [item]
