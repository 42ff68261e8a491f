"""What is special about SQLite; test_state_store.py holds the rest."""

import contextlib
import sqlite3

import pytest

from serving.gateway.behavior.log.record_json import encode_exposure
from serving.gateway.behavior.state.sqlite_store import SqliteStateStore
from serving.gateway.records.event import Event
from serving.gateway.records.item_facts import ItemFacts
from tests.serving.gateway.behavior.state.records import apply
from tests.serving.gateway.behavior.state.records import expose
from tests.serving.gateway.behavior.state.records import make_exposure
from tests.serving.gateway.full_disk import full_disk


@pytest.fixture
def state(tmp_path):
    state = SqliteStateStore(tmp_path / "new" / "state.db")
    yield state
    state.close()


def make_event(number, user_id="ann", text=""):
    return Event(
        event_id=f"{user_id}-{number}",
        user_id=user_id,
        item_id="i",
        timestamp=number,
        text=text,
    )


def test_full_disk_is_told_and_changes_nothing(state, tmp_path):
    state.open_log("log")
    state.apply_events("log", 0, [(1, make_event(1))])
    wal = tmp_path / "new" / "state.db-wal"
    big = make_event(2, text="x" * 9000)
    with full_disk(wal), pytest.raises(OSError, match="readable and writable"):
        state.apply_events("log", 1, [(2, big)])
    assert state.open_log("log") == (1, 0)
    assert state.apply_events("log", 1, [(2, big)])
    assert state.read_events("ann", 9) == [make_event(1), big]


def test_slates_that_were_kept_whole_are_found(state, tmp_path):
    expose(state, make_exposure("s"))
    # As releases did that kept what the blend saw, too.
    whole = encode_exposure(make_exposure("s"))
    path = tmp_path / "new" / "state.db"
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE exposures SET body = ?", [whole])
    assert state.find_exposure("s") == make_exposure("s")


def test_what_a_later_release_kept_otherwise_is_passed_over(state, tmp_path):
    state.put_items([ItemFacts(item_id=one, title=one) for one in "abc"])
    apply(state, *(make_event(number) for number in (1, 2, 3)))
    expose(state, make_exposure("s"))
    path = tmp_path / "new" / "state.db"
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        later = [b'{"name": {"en": "B"}}']
        database.execute("UPDATE items SET body = ? WHERE item_id = 'b'", later)
        database.execute("UPDATE events SET body = ? WHERE number = 2", later)
        database.execute("UPDATE exposures SET body = ?", later)
    assert [item.item_id for item in state.list_items()] == ["a", "c"]
    assert state.read_events("ann", 9) == [make_event(1), make_event(3)]
    assert state.find_exposure("s") is None


def test_damaged_file_is_told_as_a_disk_is_that_refuses(state, tmp_path):
    state.open_log("log")
    big = [(n, make_event(n, text="x" * 2000)) for n in range(1, 50)]
    state.apply_events("log", 0, big)
    state.close()
    path = tmp_path / "new" / "state.db"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    damaged = SqliteStateStore(path)
    with pytest.raises(OSError, match="malformed"):
        damaged.read_events("ann", 9)
    with pytest.raises(OSError, match="malformed"):
        damaged.apply_events("log", 49, [(50, make_event(50))])
    damaged.close()


def test_nothing_of_a_forgotten_user_is_left_in_the_files(state, tmp_path):
    state.open_log("log")
    numbered = [
        (n, make_event(n, "ann-the-unmistakable", text="a secret " * 300))
        for n in range(1, 50)
    ]
    state.apply_events("log", 0, numbered)
    state.apply_events("log", 49, [(50, make_event(50, "bob"))])
    state.forget_user("ann-the-unmistakable", "log")
    assert state.erase_removed()
    files = list((tmp_path / "new").iterdir())
    content = b"".join(path.read_bytes() for path in files)
    assert b"bob" in content
    assert b"unmistakable" not in content
    assert b"a secret" not in content


def test_file_is_of_one_process_at_a_time(state, tmp_path):
    path = tmp_path / "new" / "state.db"
    with pytest.raises(RuntimeError, match="one gateway at a time"):
        SqliteStateStore(path)
    state.close()
    SqliteStateStore(path).close()


def test_file_that_is_no_state_is_let_go_of(tmp_path):
    path = tmp_path / "text.db"
    path.write_text("no SQLite file " * 100)
    for _ in range(2):  # the second time it is not in use either
        with pytest.raises(ValueError, match="must be a SQLite file"):
            SqliteStateStore(path)


def test_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        SqliteStateStore(tmp_path / "file" / "state.db")


def test_id_is_never_sql(state):
    state.open_log("log")
    hostile = "'; DROP TABLE events; --"
    state.apply_events("log", 0, [(1, make_event(1, hostile))])
    assert state.read_events(hostile, 9) == [make_event(1, hostile)]
    assert state.read_events("' OR ''='", 9) == []
