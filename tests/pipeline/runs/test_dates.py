"""Moments are written as people read them."""

import pytest

from pipeline.runs.dates import write_day
from pipeline.runs.dates import write_duration
from pipeline.runs.dates import write_moment
from pipeline.runs.dates import write_span


def test_day_is_that_of_utc():
    assert write_day(789_652_009) == "9 January 1995"  # date -u -d @789652009
    assert write_day(0) == "1 January 1970"


def test_span_is_told_where_it_is_known():
    assert write_span(0, 789_652_009) == "1 January 1970 to 9 January 1995"
    assert write_span(None, None) == "times unknown"


def test_run_is_told_by_its_date_and_time():
    assert write_moment("2026-11-29T09:21:42.899507") == (
        "29 November 2026, 09:21"
    )
    assert write_moment("one") == "one"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.003, "0.0 s"),
        (59.4, "59.4 s"),
        (59.9, "1 min 0 s"),
        (289.5, "4 min 50 s"),  # 289.5 rounds to the even 290
        (3725.0, "1 h 2 min"),
    ],
)
def test_duration_has_as_many_digits_as_matter(seconds, text):
    assert write_duration(seconds) == text
