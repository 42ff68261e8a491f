import math

import pytest

from serving.gateway.behavior.state.state_limits import StateLimits


@pytest.mark.parametrize("name", ["events_per_user", "half_life", "items"])
@pytest.mark.parametrize("given", [0, -1, math.nan])
def test_limit_that_is_not_above_zero_is_refused(name, given):
    with pytest.raises(ValueError, match=f"`{name}` .* Received: {given}"):
        StateLimits(**{name: given})


def test_a_user_keeps_ten_thousand_events_unless_told_otherwise():
    assert StateLimits().events_per_user == 10_000
