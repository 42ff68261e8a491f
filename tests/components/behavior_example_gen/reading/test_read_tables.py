import json

import pytest

_TYPED = {
    "columns": {
        "user_id": "user",
        "item_id": "item",
        "timestamp": "time",
        "event_type": "kind",
        "value": "stars",
    },
    "default_event_type": None,
    "event_types": {"addtocart": "cart"},
}
_BAD_EVENTS = (
    b"user,item,time,kind,stars\n"
    b"u,a,1,view,\n"
    b",a,1,view,\n"  # line 3
    b"u,,1,view,\n"
    b"u,a,,view,\n"
    b"u,a,soon,view,\n"
    b"u,a,1,,\n"
    b"u,a,1,stare,\n"  # line 8
    b"u,a,1,rate,good\n"
    b"u\xc3\xa9\xff,a,1,view,\n"
    b"u,a,1,view,,\n"
    b"u,b,2,addtocart,1\n"
    b"u,a,3,vi"
)
_REASONS = {
    3: "missing user_id",
    4: "missing item_id",
    5: "missing timestamp",
    6: "unparsable timestamp",
    7: "missing event_type",
    8: "unknown event type",
    10: "not UTF-8: user_id",
    11: "wrong number of columns",
    13: "wrong number of columns",  # the torn last line
}


def test_every_bad_event_is_named_with_line_and_reason(ingest):
    found = ingest(_BAD_EVENTS, events_config=_TYPED, max_reject_share=1.0)
    reasons = {one["line"]: one["reason"] for one in found.rejects}
    assert reasons == _REASONS
    assert found.counts["events"]["read"] == 12
    assert found.counts["events"]["used"] == 3
    # What people thought of an item is not known, but that they met it.
    assert found.counts["events"]["warnings"] == {"wrong type: value": 1}


def test_marks_of_the_gateway_are_passed_over_and_counted(ingest):
    events = (
        b"user,item,time,kind,stars\n"
        b"u,a,1,view,\n"
        b"u,b,2,seen,\n"
        b"u,c,3,not_now,\n"
        b"u,d,4,undo,\n"
        b"u,b,5,view,\n"
    )
    found = ingest(events, events_config=_TYPED)
    assert found.counts["events"] == {
        "read": 5,
        "marks": 3,
        "used": 2,
        "rejected": {},
    }
    assert found.rejects == []


def test_foreign_event_types_are_translated(ingest):
    found = ingest(_BAD_EVENTS, events_config=_TYPED, max_reject_share=1.0)
    assert found.examples["test"][0]["label_event_type"] == ["cart"]
    assert found.examples["test"][0]["label_positive"] == [1.0]


def test_every_bad_item_is_rejected_and_every_bad_cell_is_emptied(ingest):
    items = (
        "item_id,title,price,born\n"
        "a,Alpha,1,2020-01-01\n"
        "a,Again,1,\n"
        ",Nameless,1,\n"
        "b,,1,\n"
        "c, ,1,\n"
        "d,Delta,cheap,\n"
        "e,Epsilon,1,never\n"
    )
    columns = {"item_id": "item_id", "title": "title"}
    columns |= {"price": "price", "created_at": "born"}
    found = ingest(
        "user,item,time\nu,a,1\n",
        items,
        items_config={"columns": columns},
        max_reject_share=1.0,
    )
    assert found.catalog["title"] == ["Alpha", "Delta", "Epsilon"]
    assert found.catalog["price"] == [1.0, None, 1.0]
    assert found.catalog["created_at"] == [1_577_836_800, None, None]
    assert found.counts["items"]["warnings"] == {
        "wrong type: price": 1,
        "unparsable created_at": 1,
    }
    fault = found.faults["items"]["wrong type: price"]
    assert fault.startswith("wrong type: price: 1 (first at")
    assert "items.csv:7, 'cheap'). `price` must be a number" in fault
    assert {one["line"]: one["reason"] for one in found.rejects} == {
        3: "duplicate item_id",
        4: "missing item_id",
        5: "missing title",
        6: "missing title",
    }
    titles = {one["line"]: json.loads(one["row"]) for one in found.rejects}
    assert titles[3]["title"] == "Again"


def test_missing_column_in_a_later_file_stops_the_run(ingest, tmp_path):
    (tmp_path / "p-1.csv").write_text("user,item,time\nu,a,1\n")
    (tmp_path / "p-2.csv").write_text("user,item\nu,b\n")
    with pytest.raises(ValueError, match=r"'time'.*p-2\.csv"):
        ingest(None, events_config={"path": str(tmp_path / "p-*.csv")})


def test_types_that_are_ignored_are_counted_and_no_rejects(ingest):
    found = ingest(
        b"user,item,time,kind,stars\nu,a,1,view,\nu,a,2,unview,\n",
        events_config=_TYPED | {"event_types": {"unview": "ignore"}},
    )
    assert found.counts["events"] == {
        "read": 2,
        "ignored": 1,
        "used": 1,
        "rejected": {},
    }
    assert found.rejects == []


def test_pseudonymised_datasets_quote_no_value(ingest, tmp_path):
    (tmp_path / "key").write_text("0123456789abcdef")
    found = ingest(
        "user,item,time\nu,a,1\nu,a,soon\n",
        max_reject_share=0.5,
        pseudonymise_key_file=str(tmp_path / "key"),
    )
    fault = found.faults["events"]["unparsable timestamp"]
    assert "timestamp_format" in fault
    assert "soon" not in fault
