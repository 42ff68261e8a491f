"""What is special about Redis; test_state_store.py holds the rest."""

import pytest
import redis

from serving.gateway.behavior.state import redis_scripts
from serving.gateway.behavior.state.redis_store import RedisStateStore
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.records.event import Event
from serving.gateway.records.item_facts import ItemFacts

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


def test_many_profiles_and_items_are_written_and_read_in_small_calls(
    redis_process,
):
    # Redis does nothing else during a call, which has a second.
    limits = StateLimits(items=2500, profiles=2500)
    state = RedisStateStore(redis_process.url, limits, prefix="many:")
    users = [f"u{number}" for number in range(3000)]
    items = [ItemFacts(item_id=user, title=user) for user in users]
    with redis.Redis.from_url(redis_process.url) as client:
        client.config_resetstat()
        assert state.put_profiles({user: {"age": "9"} for user in users}) == 500
        assert state.put_items(items) == 500
        assert [user for user, _ in state.list_profiles()] == users[500:]
        assert state.list_items() == items[500:]
        num_calls = client.info("commandstats")["cmdstat_evalsha"]["calls"]
    # 3 to write and 3 to read, of profiles and of items alike.
    assert num_calls >= 12
    state.close()


def test_profile_that_is_put_again_between_two_pages_is_listed_once(
    redis_process, monkeypatch
):
    state = RedisStateStore(redis_process.url, prefix="again:")
    users = [f"u{number}" for number in range(1500)]
    state.put_profiles({user: {"age": "9"} for user in users})
    run = state._run

    def run_and_put(script, arguments):
        found = run(script, arguments)
        if script == redis_scripts.LIST_PAGE and found[0] == b"u0":
            state.put_profiles({"u0": {"age": "10"}})
        return found

    monkeypatch.setattr(state, "_run", run_and_put)
    listed = state.list_profiles()
    assert [user for user, _ in listed] == [*users[1:], "u0"]
    assert listed[-1] == ("u0", {"age": "10"})
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
