import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.partitions import from_bytes
from components.behavior_example_gen.partitions import to_bytes
from components.behavior_example_gen.reading.input_files import InputFile
from components.behavior_example_gen.reading.keep_one import KeepOne
from schemas.rating_scale import RatingScale
from schemas.rating_scale import load_rating_scale

_EVENTS = "user,item,time\nu,a,1\n"
_ITEMS = (
    "item_id,title,place\n"
    "a,Alpha,home\n"
    "b,Beta,home\n"
    "b,Again,home\n"  # a fault: one table says it twice
)
_COLUMNS = {"item_id": "item_id", "title": "title", "scenario": "place"}
_POSTED = {"item_id": "item_id", "title": "title", "price": "price"}


def test_duplicate_is_the_later_file(ingest, tmp_path):
    (tmp_path / "i-1.csv").write_text("item_id,title\na,First\n")
    (tmp_path / "i-2.csv").write_text("item_id,title\na,Second\nb,Beta\n")
    found = ingest(
        "user,item,time\nu,a,1\n",
        None,
        items_config={"path": str(tmp_path / "i-*.csv")},
        max_reject_share=0.5,
    )
    assert found.catalog["title"] == ["First", "Beta"]
    (reject,) = found.rejects
    assert reject["file"].endswith("i-2.csv")
    assert reject["line"] == 2


def test_rows_of_one_line_are_in_their_order_in_the_file():
    dataset = DatasetConfig(
        events={"path": "e.csv", "default_event_type": "view"}
        | {"columns": {"user_id": "u", "item_id": "i", "timestamp": "t"}},
        items={"path": "i.json"}
        | {"columns": {"item_id": "item_id", "title": "title"}},
    )
    file = InputFile("items", "i.json", 0, 1)
    keep_one = KeepOne(dataset, "items", [file])
    rows = [
        {"item_id": "a", "title": title, "_source": 0, "_order": 0}
        | {"_row": row, "_line": 1}
        for row, title in enumerate(["First", "Second"])
    ]
    # Batches of a file come in any order.
    parts = [to_bytes(pa.Table.from_pylist([row])) for row in reversed(rows)]
    (_, kept), *_ = keep_one.process((0, parts))
    assert from_bytes([kept])["title"].to_pylist() == ["First"]


def test_items_of_the_events_files_stand_in_every_row(ingest, tmp_path):
    found = ingest(
        "user,item,time,name\nu,a,1,Alpha\nv,a,2,Again\nv,b,3,Beta\n",
        None,
        items_config={
            "path": str(tmp_path / "events.csv"),
            "columns": {"item_id": "item", "title": "name"},
        },
    )
    assert found.catalog["title"] == ["Alpha", "Beta"]
    assert found.rejects == []
    assert found.counts["items"] == {
        "read": 3,
        "replaced": 1,
        "used": 2,
        "rejected": {},
    }


@pytest.mark.parametrize("spelling", ["./events.csv", "../{}/events.csv"])
def test_first_title_of_the_events_files_counts(
    ingest, tmp_path, monkeypatch, spelling
):
    monkeypatch.chdir(tmp_path)
    found = ingest(
        "user,item,time,name\nu,a,1,\nv,a,2,Alpha\nv,b,3,\nw,b,4,\n",
        None,
        items_config={
            "path": spelling.format(tmp_path.name),
            "columns": {"item_id": "item", "title": "name"},
        },
        max_reject_share=0.25,
    )
    assert found.catalog["title"] == ["Alpha"]
    # One row of each item stands for it; b has no title in any row.
    assert found.counts["items"] == {
        "read": 4,
        "replaced": 2,
        "used": 1,
        "rejected": {"missing title": 1},
    }
    (reject,) = found.rejects
    assert (reject["line"], reject["reason"]) == (4, "missing title")


def test_items_of_the_events_files_may_be_of_several_spans(ingest, tmp_path):
    header = "user,item,time,name\n"
    (tmp_path / "e-1.csv").write_text(f"{header}u,a,1,Alpha\nv,a,2,Alpha\n")
    (tmp_path / "e-2.csv").write_text(f"{header}u,b,3,Beta\nv,b,4,Beta\n")
    path = str(tmp_path / "e-{SPAN}.csv")
    columns = {"item_id": "item", "title": "name"}
    found = ingest(
        None,
        None,
        events_config={"path": path},
        items_config={"path": path, "columns": columns},
        spans="all",
    )
    assert found.catalog["title"] == ["Alpha", "Beta"]
    assert found.counts["items"]["replaced"] == 2
    assert found.rejects == []


def test_later_table_knows_better_and_replaces_no_column_it_does_not_map(
    ingest, tmp_path
):
    posted = [
        {"item_id": "b", "title": "Better", "price": 2.5},
        {"item_id": "c", "title": "Gamma", "price": None},
    ]
    lines = "".join(json.dumps(item) + "\n" for item in posted)
    (tmp_path / "items-1.jsonl").write_text(lines)
    more = {"path": str(tmp_path / "items-*.jsonl"), "columns": _POSTED}
    found = ingest(
        _EVENTS,
        _ITEMS,
        items_config={"columns": _COLUMNS},
        more_items=[more],
        max_reject_share=0.5,
    )
    assert found.catalog["item_id"] == ["a", "b", "c"]
    assert found.catalog["title"] == ["Alpha", "Better", "Gamma"]
    assert found.catalog["price"] == [None, 2.5, None]
    assert found.catalog["scenario"] == ["home", "home", ""]
    assert found.counts["items"] == {
        "read": 5,
        "replaced": 1,
        "used": 3,
        "rejected": {"duplicate item_id": 1},
    }
    (reject,) = found.rejects
    assert (reject["line"], reject["reason"]) == (4, "duplicate item_id")


def test_further_table_may_have_no_file_yet(ingest, tmp_path):
    more = {"path": str(tmp_path / "no-*.jsonl"), "columns": _POSTED}
    found = ingest(_EVENTS, "item_id,title\na,Alpha\n", more_items=[more])
    assert found.catalog["item_id"] == ["a"]


def test_catalogue_tells_what_a_like_is(ingest):
    found = ingest(
        "user,item,time,stars\nu,a,1,0\nu,b,2,1\nu,a,3,\n",
        events_config={
            "columns": {
                "user_id": "user",
                "item_id": "item",
                "timestamp": "time",
                "value": "stars",
            },
            "default_event_type": "rate",
            "positive_value": 1.0,
        },
    )
    path = found.artifacts["catalog"].uri + "/catalog.parquet"
    assert load_rating_scale(pq.read_schema(path).metadata) == RatingScale(
        lowest=0.0, highest=1.0, positive_value=1.0
    )
