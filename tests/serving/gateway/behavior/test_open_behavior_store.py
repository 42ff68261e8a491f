import os
import shutil

import pytest

from serving.background_thread import BackgroundThread
from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.gateway_config import add_redis_password
from serving.gateway.records.event import Event
from tests.serving.gateway.behavior.state.conftest import RedisProcess

EVENT = Event(event_id="e", user_id="u", item_id="i", timestamp=1)


def test_sqlite_path_may_be_absolute(tmp_path):
    url = f"sqlite:///{tmp_path / 'state.db'}"
    store = open_behavior_store(url, tmp_path / "log")
    store.record_events([EVENT])
    store.close()
    assert (tmp_path / "state.db").exists()


def test_sqlite_path_may_be_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_behavior_store("sqlite:///a/state.db", tmp_path / "log").close()
    assert (tmp_path / "a" / "state.db").exists()


def test_redis_may_be_away_at_the_start(tmp_path):
    store = open_behavior_store("redis://localhost:1", tmp_path / "log")
    assert store.is_behind
    assert len(store.record_events([EVENT])) == 1
    store.close()


def test_redis_may_ask_for_a_password(tmp_path):
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed: apt install redis-server")
    process = RedisProcess(tmp_path, password="p@/:")
    process.start()
    try:
        url = add_redis_password(process.url, "p@/:")
        store = open_behavior_store(url, tmp_path / "log")
        store.record_events([EVENT])
        assert store.read_events("u", 9) == [EVENT]
        store.close()
    finally:
        process.stop()


def test_limits_hold(tmp_path):
    store = open_behavior_store(
        f"sqlite:///{tmp_path / 'state.db'}",
        tmp_path / "log",
        StateLimits(events_per_user=1),
        window_spans=1,
    )
    later = Event(event_id="f", user_id="u", item_id="i", timestamp=2)
    store.record_events([EVENT])
    store.close_span()
    store.record_events([later])
    assert store.read_events("u", 9) == [later]
    (path,) = store.close_span().iterdir()
    assert len(path.read_text().splitlines()) == 1
    store.close()


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@host/db", "sqlite:///", "state.db", ""]
)
def test_url_of_something_else_is_refused(url, tmp_path):
    with pytest.raises(ValueError, match="must begin with") as raised:
        open_behavior_store(url, tmp_path / "log")
    assert "secret" not in str(raised.value)


def test_folder_in_use_is_refused_and_the_state_is_let_go(tmp_path):
    url = f"sqlite:///{tmp_path / 'state.db'}"
    other = f"sqlite:///{tmp_path / 'other.db'}"
    store = open_behavior_store(url, tmp_path / "log")
    with pytest.raises(RuntimeError, match=f"log folder {tmp_path}/log must"):
        open_behavior_store(other, tmp_path / "log")
    open_behavior_store(other, tmp_path / "log-2").close()
    store.close()
    open_behavior_store(url, tmp_path / "log").close()


def test_state_in_use_is_refused_also_through_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "state.db")
    store = open_behavior_store(
        f"sqlite:///{tmp_path / 'state.db'}", tmp_path / "log"
    )
    message = rf"state {tmp_path}/state\.db must .* process {os.getpid()} on"
    with pytest.raises(RuntimeError, match=message):
        open_behavior_store(f"sqlite:///{tmp_path}/link", tmp_path / "log-2")
    store.close()


def test_store_that_cannot_begin_lets_go_of_its_folder(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'state.db'}"

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(BackgroundThread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            open_behavior_store(url, tmp_path / "log")
    open_behavior_store(url, tmp_path / "log").close()
