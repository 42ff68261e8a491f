"""What forgotten users did leaves the state's files, whoever reads them."""

import contextlib
import sqlite3

import pytest

from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.log.behavior_log import BehaviorLog
from serving.gateway.behavior.state.sqlite_store import SqliteStateStore
from tests.serving.gateway.behavior.state.records import NOW
from tests.serving.gateway.behavior.state.records import make_event


@pytest.fixture
def open_store(tmp_path):
    opened = []

    def open_():
        state = SqliteStateStore(tmp_path / "state.db")
        log = BehaviorLog(tmp_path / "log")
        opened.append(BehaviorStore(state, log, lambda: NOW + 100))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


def test_forgotten_user_leaves_files_as_soon_as_nobody_reads_them(
    open_store, tmp_path
):
    store = open_store()
    store.record_events([make_event(1, "unmistakable"), make_event(1)])
    backup = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    with contextlib.closing(backup):
        backup.execute("BEGIN")
        backup.execute("SELECT * FROM events").fetchone()
        assert store.is_erased
        assert store.forget_user("unmistakable") == 1
        assert not store.is_erased
        assert find_files_with(tmp_path, b"unmistakable")
        # What is not erased yet holds nothing up, and nobody out.
        assert len(store.record_events([make_event(2, "unmistakable")])) == 1
        store.synchronise()
        assert not store.is_erased
        assert len(store.read_events("unmistakable", 9)) == 1
        assert store.forget_user("unmistakable") == 1
    store.synchronise()
    assert store.is_erased
    assert not find_files_with(tmp_path, b"unmistakable")
    assert store.read_events("ann", 9) == [make_event(1)]


def test_what_a_kill_left_in_the_files_is_erased_at_the_start(
    open_store, tmp_path
):
    state = SqliteStateStore(tmp_path / "state.db")
    state.apply_events("log", state.open_log("log")[0], [(1, make_event(1))])
    state.forget_user("ann", "log")
    # Never closed, as if killed: its WAL file stays, its lock does not.
    state._lock.close()
    assert find_files_with(tmp_path, b"ann")
    assert open_store().is_erased
    assert not find_files_with(tmp_path, b'"ann"')
    state.close()


def find_files_with(folder, text):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if text in path.read_bytes()]
