import pyarrow as pa
import pytest

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.row_choice import RowChoice

_COLUMNS = {"item_id": "item_id", "title": "title"}


def _choose(*rows, items_path="i.csv"):
    """Chooses among (source, line, id, title, price) of two tables.

    The second maps no price.
    """
    dataset = DatasetConfig(
        events={"path": "e.csv", "default_event_type": "view"}
        | {"columns": {"user_id": "u", "item_id": "i", "timestamp": "t"}},
        items={"path": items_path, "columns": {**_COLUMNS, "price": "price"}},
        more_items=[{"path": "more.csv", "columns": _COLUMNS}],
    )
    names = ("_source", "_line", "item_id", "title", "price")
    table = pa.table(
        dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    )
    table = table.append_column("_order", table["_source"])
    table = table.append_column("_row", table["_line"])
    chosen = RowChoice(dataset, "items").choose(table)
    rejects = {
        reason: faulty["_line"].to_pylist()
        for reason, faulty in chosen.rejects.items()
    }
    return chosen.rows.to_pylist(), rejects, chosen.num_replaced


def test_last_table_is_believed_in_the_columns_that_it_has():
    rows, rejects, num_replaced = _choose(
        (0, 2, "a", "Alpha", 5.0), (1, 3, "a", "Aleph", None)
    )
    assert rows == [{"item_id": "a", "title": "Aleph", "price": 5.0}]
    assert rejects == {}
    assert num_replaced == 1


@pytest.mark.parametrize(
    ("path", "rejects", "num_replaced"),
    [("i.csv", {"duplicate item_id": [3]}, 0), ("./e.csv", {}, 1)],
)
def test_second_row_of_an_id_is_a_fault_unless_rows_are_events(
    path, rejects, num_replaced
):
    found = _choose(
        (0, 2, "a", "Alpha", 5.0),
        (0, 3, "a", "Again", 7.0),
        (0, 4, "b", "Beta", 6.0),
        items_path=path,
    )
    kept = [
        {"item_id": "a", "title": "Alpha", "price": 5.0},
        {"item_id": "b", "title": "Beta", "price": 6.0},
    ]
    assert found == (kept, rejects, num_replaced)


def test_id_without_a_title_in_any_row_is_told_once():
    rows, rejects, num_replaced = _choose(
        (0, 2, "a", None, 5.0),
        (0, 3, "a", None, 5.0),
        (0, 4, "b", None, 6.0),
        (0, 5, "b", "Beta", 7.0),
    )
    assert rows == [{"item_id": "b", "title": "Beta", "price": 7.0}]
    assert rejects == {"missing title": [2]}
    assert num_replaced == 2
