import redis

from serving.gateway.behavior.state import redis_scripts
from serving.gateway.behavior.state.redis_store import RedisStateStore
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.records.item_facts import ItemFacts


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
