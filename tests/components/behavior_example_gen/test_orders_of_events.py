"""Events without times, or with few of them: what is known decides."""

import itertools
import json
from pathlib import Path

import pytest

from components.behavior_example_gen.outputs import COUNTS_FILE
from schemas.event_facts import read_event_facts

_PAIR = {"user_id": "user", "item_id": "item"}
_LEAVE_LAST = {"method": "leave_last"}
# Three users and four items, each user in another order, all mixed.
_HISTORIES = {"u": "abcd", "v": "dcba", "w": "bdac"}
_ROWS = [(user, _HISTORIES[user][n]) for n in range(4) for user in "wuv"]


def _csv(*rows):
    return "user,item,time\n" + "".join(f"{','.join(row)},2\n" for row in rows)


def _last_items(found, split):
    return {user: item for user, item, _ in found.targets(split)}


@pytest.mark.parametrize("has_times", [False, True])
def test_rows_of_the_file_are_in_order_where_the_data_says_so(
    ingest, has_times
):
    columns = _PAIR | ({"timestamp": "time"} if has_times else {})
    found = ingest(
        _csv(*_ROWS), events_config={"columns": columns, "order": "file"}
    )
    assert _last_items(found, "test") == {"u": "d", "v": "a", "w": "c"}
    assert _last_items(found, "eval") == {"u": "c", "v": "b", "w": "a"}


def test_files_are_in_order_of_their_names(ingest, tmp_path):
    (tmp_path / "e-2.csv").write_text("user,item\nu,c\n")
    (tmp_path / "e-1.csv").write_text("user,item\nu,a\nu,b\n")
    settings = {"path": str(tmp_path / "e-*.csv"), "columns": _PAIR}
    found = ingest(None, events_config=settings | {"order": "file"})
    (train,) = found.examples["train"]
    assert train["label_item_id"] == ["a"]
    assert _last_items(found, "test") == {"u": "c"}


def test_elements_of_a_json_array_are_in_order_also_within_a_line(
    ingest, tmp_path
):
    rows = [{"user": "u", "item": item} for item in "dbca"]
    path = tmp_path / "events.json"
    path.write_text(json.dumps(rows))
    settings = {"path": str(path), "columns": _PAIR, "order": "file"}
    found = ingest(None, events_config=settings)
    assert _last_items(found, "test") == {"u": "a"}
    assert _last_items(found, "eval") == {"u": "c"}


def test_without_times_no_time_is_made_up(ingest):
    settings = {"columns": _PAIR, "order": "file"}
    found = ingest(_csv(*_ROWS), events_config=settings)
    facts = read_event_facts(Path(found.artifacts["examples"].uri))
    assert (facts.first, facts.last, facts.order) == (None, None, "file")
    for one in itertools.chain(*found.examples.values()):
        assert {*one["timestamp"], *one["label_timestamp"]} == {0}


def test_events_without_order_are_held_out_by_hash(ingest):
    rows = [(f"u{n}", f"i{m}") for n in range(20) for m in range(10)]
    items = "item_id,title\n" + "".join(f"i{m},T{m}\n" for m in range(10))
    settings = {"columns": _PAIR, "order": "none"}
    splits = {"method": "hold_out", "fractions": (0.6, 0.2, 0.2)}
    found = ingest(_csv(*rows), items, events_config=settings, splits=splits)
    targets = [found.targets(split) for split in found.examples]
    # Binomial(200, p): 120 +- 28 and 40 +- 23 are 4 standard deviations.
    assert abs(len(targets[0]) - 120) < 28
    assert max(abs(len(targets[n]) - 40) for n in (1, 2)) < 23
    assert len(set(itertools.chain(*targets))) == 200
    # The order of rows says nothing.
    again = ingest(
        _csv(*reversed(rows)), items, events_config=settings, splits=splits
    )
    assert [again.targets(split) for split in again.examples] == targets


def test_rows_that_tell_an_event_again_are_counted_and_used_once(ingest):
    found = ingest(_csv(*_ROWS, *_ROWS))
    assert found.counts["events"] == {
        "read": 24,
        "duplicates": 12,
        "used": 12,
        "rejected": {},
    }
    targets = list(
        itertools.chain(*(found.targets(split) for split in found.examples))
    )
    assert len(targets) == len(set(targets)) == 12


def test_rows_are_events_of_their_own_where_they_are_in_order(ingest):
    settings = {"columns": _PAIR, "order": "file"}
    found = ingest(_csv(("u", "a"), ("u", "a")), events_config=settings)
    assert found.counts["events"]["used"] == 2
    assert _last_items(found, "test") == {"u": "a"}


def test_events_of_users_whom_the_table_lacks_are_counted(ingest, tmp_path):
    (tmp_path / "users.csv").write_text("id\nu\nx\n")
    users = {"path": str(tmp_path / "users.csv"), "columns": {"user_id": "id"}}
    found = ingest(_csv(*_ROWS), users=users)
    facts = read_event_facts(Path(found.artifacts["examples"].uri))
    assert facts.num_of_unknown_users == 8  # those of v and w
    facts = ingest(_csv(*_ROWS)).artifacts["examples"].uri
    assert read_event_facts(Path(facts)).num_of_unknown_users is None


def test_counts_are_written_where_the_share_of_rejects_stops_the_run(
    ingest, tmp_path
):
    with pytest.raises(ValueError, match="missing item_id: 1"):
        ingest(_csv(("u", ""), ("u", "a")), max_reject_share=0.0)
    (file,) = tmp_path.rglob(COUNTS_FILE)
    assert json.loads(file.read_text())["events"]["read"] == 2
