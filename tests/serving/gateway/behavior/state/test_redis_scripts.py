"""The Lua says what the Python beside it says."""

import pytest
import redis

from serving.gateway.behavior.state import redis_scripts
from serving.gateway.behavior.state.decayed_count import add_event

TIMES = (1.7e9, 1.7e9 + 0.25, 1.6e9, -5.0)
HALF_LIFE = 604_800.0


def test_log_weights_are_those_of_python(redis_process):
    expected = None
    for timestamp in TIMES:
        expected = add_event(expected, timestamp, HALF_LIFE)
    head = ["p:", "log:events", 0, 9, repr(HALF_LIFE), 10, 10, 10, 10, ""]
    events = []
    for number, timestamp in enumerate(TIMES):
        events += [
            "u",
            f"digest-{number}",
            repr(timestamp),
            "{}",
            "i",
            "",
            "",
            "",
        ]
    with redis.Redis.from_url(redis_process.url) as client:
        script = client.register_script(redis_scripts.APPLY_EVENTS)
        assert script(args=[*head, *events]) == 1
        held = client.zscore("p:popularity:", "i")
    assert held == pytest.approx(expected, rel=1e-14)
