import gzip
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest

from schemas.event_facts import EventFacts
from schemas.event_facts import read_event_facts

# Three users; "u" repeats an item, "v" has two events, "w" one.
_ROWS = [
    {"user": "u", "item": "a", "time": 10, "stars": 0.0},
    {"user": "u", "item": "b", "time": 20, "stars": 4.5},
    {"user": "u", "item": "a", "time": 30, "stars": None},
    {"user": "v", "item": "c", "time": 15, "stars": 3.0},
    {"user": "v", "item": "a", "time": 25, "stars": 5.0},
    {"user": "w", "item": "d", "time": 40, "stars": 2.0},
]
_STARS = {
    "columns": {
        "user_id": "user",
        "item_id": "item",
        "timestamp": "time",
        "value": "stars",
    },
    "positive_value": 4.0,
}


def _csv(rows: list[dict]) -> str:
    lines = [",".join(rows[0])]
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row.values()]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def test_all_formats_give_the_same_examples(ingest, tmp_path):
    from_csv = ingest(_csv(_ROWS), events_config=_STARS)
    lines = "".join(json.dumps(row) + "\n" for row in _ROWS)
    (tmp_path / "e.jsonl").write_text(lines)
    with gzip.open(tmp_path / "e.csv.gz", "wt") as stream:
        stream.write(_csv(_ROWS))
    table = pa.Table.from_pylist(_ROWS)
    arrow_parquet.write_table(table, tmp_path / "e.parquet")
    for name in ("e.jsonl", "e.csv.gz", "e.parquet"):
        path = {"path": str(tmp_path / name)}
        other = ingest(None, events_config=_STARS | path)
        assert str(other.examples) == str(from_csv.examples)  # NaN == NaN


def test_zero_is_a_value(ingest):
    events = "user,item,time,stars\n0,0,0,0.0\n0,0,1,0\n"
    items = "item_id,title\n0,0\n"
    found = ingest(events, items, events_config=_STARS)
    (train,) = found.examples["train"]
    assert train["user_id"] == ["0"]
    assert train["label_item_id"] == ["0"]
    assert train["label_timestamp"] == [0]
    assert train["label_value"] == [0.0]
    assert train["label_value_weight"] == [1.0]
    assert found.catalog["title"] == ["0"]
    assert found.rejects == []


def test_ids_keep_their_leading_zeros(ingest):
    found = ingest("user,item,time\n007,a,1\n", "item_id,title\n00,x\n")
    assert found.examples["train"][0]["user_id"] == ["007"]
    assert found.catalog["item_id"] == ["00"]


def test_too_many_rejects_stop_the_run_with_counts_by_reason(ingest):
    events = "user,item,time\nu,a,1\nu,,2\nu,b,soon\nu,c,later\n"
    expected = (
        r"at most 50\.0% of the rows of `events`.*3 of 4\.\s+"
        r"unparsable timestamp: 2 \(first at \S+events.csv:4, 'soon'\)"
        r".*`timestamp_format`.*\n  "
        r"missing item_id: 1 \(first at \S+events.csv:3\)"
    )
    with pytest.raises(ValueError, match=expected):
        ingest(events, max_reject_share=0.5)


def test_rejects_up_to_the_share_are_listed_and_counted(ingest):
    events = "user,item,time\nu,a,1\nu,,2\nu,b,soon\nu,c,4\n"
    found = ingest(events, max_reject_share=0.5)
    assert found.counts["events"] == {
        "read": 4,
        "used": 2,
        "rejected": {"missing item_id": 1, "unparsable timestamp": 1},
    }
    assert [(one["line"], one["reason"]) for one in found.rejects] == [
        (3, "missing item_id"),
        (4, "unparsable timestamp"),
    ]
    assert json.loads(found.rejects[1]["row"])["time"] == "soon"


def test_empty_events_file_stops_the_run(ingest):
    with pytest.raises(ValueError, match=r"empty file: 1 .*events\.csv:0"):
        ingest("")


def test_header_without_rows_stops_the_run(ingest):
    with pytest.raises(ValueError, match="train split must hold"):
        ingest("user,item,time\n")


def test_items_without_rows_stop_the_run(ingest):
    with pytest.raises(ValueError, match="`items` must hold"):
        ingest("user,item,time\nu,a,1\n", "item_id,title\n")
    with pytest.raises(ValueError, match="`items` must hold"):
        ingest(
            "user,item,time\nu,a,1\n",
            "item_id,title\na,\n",
            max_reject_share=1.0,
        )


def test_missing_column_is_named_with_what_came(ingest):
    expected = re.escape("['item', 'time', 'usr']")
    with pytest.raises(ValueError, match=rf"'user'.*{expected}.*events\.csv"):
        ingest("usr,item,time\nu,a,1\n")


def test_examples_carry_split_names_span_and_format(ingest):
    found = ingest("user,item,time\nu,a,1\n")
    examples = found.artifacts["examples"]
    assert json.loads(examples.split_names) == ["train", "eval", "test"]
    assert examples.span == 0
    assert examples.get_string_custom_property("payload_format") == (
        "FORMAT_TF_EXAMPLE"
    )


def test_examples_tell_of_how_many_events_and_of_when_they_are(ingest):
    found = ingest(
        "user,item,time\nu,a,7\nu,b,5\nv,a,9\nu,a,\n", max_reject_share=0.5
    )
    facts = read_event_facts(Path(found.artifacts["examples"].uri))
    # The last row has no time, and of v, who has one event, none is for test.
    assert facts == EventFacts(
        num_events=3,
        num_users=2,
        first=5,
        last=9,
        num_by_split={"train": 2, "eval": 0, "test": 1},
        num_positive=0,  # views are none
    )


def test_user_attributes_become_features(ingest, tmp_path):
    (tmp_path / "users.csv").write_text("id,age,sex\nu,30,f\nu,31,m\nv,,m\n")
    users = {
        "path": str(tmp_path / "users.csv"),
        "columns": {"user_id": "id"},
        "attributes": {"age": "number"},
        "sensitive": {"sex": "text"},
    }
    found = ingest(
        "user,item,time\nu,a,1\nv,b,1\n", users=users, max_reject_share=0.5
    )
    first, second = sorted(
        found.examples["train"], key=lambda one: one["user_id"]
    )
    assert first["user_attribute_age"] == [30.0]  # the first row stays
    assert first["user_sensitive_sex"] == ["f"]
    assert first["profile"] == ["age=30"]  # never what is sensitive
    assert second["profile"] == []
    assert second["user_attribute_age"] == []
    assert found.counts["users"]["rejected"] == {"duplicate user_id": 1}


def test_pseudonyms_leave_no_user_id_anywhere(ingest, tmp_path):
    (tmp_path / "key").write_text("0123456789abcdef")
    found = ingest(
        "user,item,time\nalice,a,1\nalice,,2\n",
        max_reject_share=0.5,
        pseudonymise_key_file=str(tmp_path / "key"),
    )
    assert re.fullmatch(
        "[0-9a-f]{32}", found.examples["train"][0]["user_id"][0]
    )
    assert "alice" not in json.dumps(found.rejects)


def test_latest_span_is_read_unless_one_is_named(ingest, tmp_path):
    for span in (1, 2, 10):
        folder = tmp_path / f"span-{span}"
        folder.mkdir()
        (folder / "e.csv").write_text(f"user,item,time\nu{span},a,1\n")
    path = {"path": str(tmp_path / "span-{SPAN}" / "e.csv")}
    latest = ingest(None, events_config=path)
    named = ingest(None, events_config=path, span=2)
    assert latest.examples["train"][0]["user_id"] == ["u10"]
    assert latest.artifacts["examples"].span == 10
    catalog = latest.artifacts["catalog"]
    assert catalog.get_int_custom_property("span") == 10
    assert named.examples["train"][0]["user_id"] == ["u2"]
    assert named.artifacts["examples"].span == 2
    rows = [
        len(ingest(None, events_config=path, spans=spans).examples["train"])
        for spans in ("all", "last 2")
    ]
    assert rows == [3, 2]
