"""What is special about Redis; test_state_store.py holds the rest."""

import pytest
import redis

from serving.gateway.behavior.state.redis_store import RedisStateStore
from serving.gateway.records.event import Event

EVENT = Event(event_id="e", user_id="ann", item_id="i", timestamp=1)


def test_redis_that_is_away_is_told():
    state = RedisStateStore("redis://:secret@localhost:1/0")
    with pytest.raises(ConnectionError, match="Redis must answer") as raised:
        state.read_events("ann", 9)
    assert "secret" not in str(raised.value)
    with pytest.raises(ConnectionError):
        state.open_log("log")
    with pytest.raises(ConnectionError):
        state.apply_events("log", 0, [(1, EVENT)])
    state.close()


def test_url_of_something_else_is_refused():
    with pytest.raises(ValueError, match="scheme"):
        RedisStateStore("http://localhost")


def test_prefixes_keep_states_apart(redis_process):
    one = RedisStateStore(redis_process.url, prefix="one:")
    two = RedisStateStore(redis_process.url, prefix="two:")
    one.open_log("log")
    one.apply_events("log", 0, [(1, EVENT)])
    assert one.read_events("ann", 9) == [EVENT]
    assert two.read_events("ann", 9) == []
    with redis.Redis.from_url(redis_process.url) as client:
        assert all(key.startswith(b"one:") for key in client.keys("*"))
    one.close()
    two.close()


def test_nothing_of_a_forgotten_user_is_left(redis_process):
    state = RedisStateStore(redis_process.url, prefix="gone:")
    state.open_log("log")
    state.apply_events("log", 0, [(1, EVENT)])
    state.forget_user("ann", "log")
    with redis.Redis.from_url(redis_process.url) as client:
        keys = client.keys("gone:*")
        dumped = b"".join(client.dump(key) for key in keys)
    assert b"ann" not in b"".join(keys) + dumped
    state.close()


def test_redis_that_started_anew_is_used_at_once(redis_process):
    state = RedisStateStore(redis_process.url)
    state.replace_document("a", None, b"1")
    redis_process.stop()
    redis_process.start()
    assert state.load_document("a") is None
    state.open_log("log")
    assert state.apply_events("log", 0, [(1, EVENT)])
    state.close()


def test_redis_that_is_full_is_told_and_changes_nothing(redis_process):
    state = RedisStateStore(redis_process.url, prefix="full:")
    state.open_log("log")
    with redis.Redis.from_url(redis_process.url) as client:
        client.config_set("maxmemory", "1")
        try:
            with pytest.raises(ConnectionError, match="maxmemory"):
                state.apply_events("log", 0, [(1, EVENT)])
        finally:
            client.config_set("maxmemory", "0")
    assert state.open_log("log") == (0, 0)
    assert state.read_events("ann", 9) == []
    state.close()


@pytest.mark.parametrize("found", ["2", "two"])
def test_state_of_a_newer_release_is_refused(redis_process, found):
    state = RedisStateStore(redis_process.url, prefix="newer:")
    with redis.Redis.from_url(redis_process.url) as client:
        client.set("newer:format", found)
        with pytest.raises(ValueError, match=f"format 1 or older.*: {found}"):
            state.open_log("log")
        assert client.keys("newer:*") == [b"newer:format"]
    state.close()


def test_state_of_before_there_were_formats_is_of_the_first(redis_process):
    state = RedisStateStore(redis_process.url, prefix="older:")
    with redis.Redis.from_url(redis_process.url) as client:
        client.hset("older:applied", "log:events", 7)
        assert state.open_log("log") == (7, 0)
        assert client.get("older:format") == b"1"
    state.close()
