import math

import pytest

from serving.gateway.ranking.context import RankingContext


@pytest.mark.parametrize(
    ("slider", "value", "says"),
    [
        ("diversity", -0.1, r"`diversity` must be in \[0, 1\].*-0.1"),
        ("diversity", 1.1, r"`diversity` must be in \[0, 1\].*1.1"),
        ("popularity", -1.1, r"`popularity` must be in \[-1, 1\].*-1.1"),
        ("popularity", math.nan, r"`popularity` must be in \[-1, 1\].*nan"),
    ],
)
def test_slider_beyond_its_ends_is_refused(slider, value, says):
    with pytest.raises(ValueError, match=says):
        RankingContext(now=0.0, **{slider: value})


def test_ends_of_sliders_are_allowed():
    for end in (0.0, 1.0):
        assert RankingContext(now=0.0, diversity=end).diversity == end
    for end in (-1.0, 1.0):
        assert RankingContext(now=0.0, popularity=end).popularity == end
