import datetime

import pyarrow as pa
import pytest

from components.behavior_example_gen.reading.columns import times
from components.behavior_example_gen.reading.row_check import RowCheck

# 2020-01-01T00:00:00Z, as `date -u -d 2020-01-01 +%s` says.
_NEW_YEAR = 1_577_836_800


def _seconds(values, unit="auto", form=None):
    array = values if isinstance(values, pa.Array) else pa.array(values)
    check = RowCheck(len(array))
    found = times.to_microseconds(array, unit, form, "timestamp", check)
    seconds, _ = times.split_seconds(found)
    return seconds.to_pylist(), check.failures()


@pytest.mark.parametrize(
    "value",
    [
        _NEW_YEAR,
        _NEW_YEAR * 10**3,
        _NEW_YEAR * 10**6,
        _NEW_YEAR * 10**9,
        float(_NEW_YEAR),
        str(_NEW_YEAR),
        str(_NEW_YEAR * 10**9),
        f"{_NEW_YEAR}.75",
        "2020-01-01",
        "2020-01-01T00:00:00Z",
        "2020-01-01 02:00:00+02:00",
        "2020-01-01 00:00:00 UTC",
        "2020-01-01 00:00:00 GMT",
        "2020/01/01 00:00",
        datetime.datetime(2020, 1, 1),
        datetime.date(2020, 1, 1),
    ],
)
def test_units_and_iso_are_told_apart(value):
    assert _seconds([value]) == ([_NEW_YEAR], [])


def test_spellings_may_be_mixed():
    texts = ["0", "2020-01-01", None, str(_NEW_YEAR * 1000), "+5"]
    assert _seconds(texts) == ([0, _NEW_YEAR, None, _NEW_YEAR, 5], [])


@pytest.mark.parametrize(
    ("number", "unit", "seconds"),
    [
        (5000, "ms", 5),
        (5_000_000, "us", 5),
        (5_000_000_000, "ns", 5),
        (10**11, "s", 10**11),
        (43831.5, "excel", _NEW_YEAR + 43_200),  # noon; 43831 = 2020-01-01
        (1995, "s", 1995),
    ],
)
def test_units_are_obeyed(number, unit, seconds):
    assert _seconds([number], unit) == ([seconds], [])
    assert _seconds([str(number)], unit) == ([seconds], [])


def test_iso_may_be_a_year():
    assert _seconds(["2020"], "iso8601") == ([_NEW_YEAR], [])


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("01/01/2020 12:00 AM", "%m/%d/%Y %I:%M %p"),
        ("01.01.2020 00:00", "%d.%m.%Y %H:%M"),
        ("Tue Dec 31 17:00:00 -0700 2019", "%a %b %d %H:%M:%S %z %Y"),
        ("01 1, 2020", "%m %d, %Y"),
        ("2020", "%Y"),
        (2020, "%Y"),
        (20200101, "%Y%m%d"),
        (20200101.0, "%Y%m%d"),
    ],
)
def test_form_that_is_named_is_read(text, form):
    assert _seconds([text], form=form) == ([_NEW_YEAR], [])


def test_named_form_is_the_only_one():
    _, failures = _seconds(["2020-01-01"], form="%d.%m.%Y")
    assert failures == [(0, "unparsable timestamp")]


@pytest.mark.parametrize(
    "value", ["1995", 1995, 1995.0, 20200101, 43831, 43831.5, 20200101120000]
)
def test_numbers_that_are_hardly_seconds_are_refused(value):
    assert _seconds([value]) == ([None], [(0, "unparsable timestamp")])


@pytest.mark.parametrize("unknown", [0, -1])
def test_years_are_refused_beside_many_that_are_unknown(unknown):
    reason = "unparsable timestamp"
    assert _seconds([1995, unknown, 2001, unknown]) == (
        [None, unknown, None, unknown],
        [(0, reason), (2, reason)],
    )


def test_few_numbers_of_that_size_are_seconds():
    # Seconds since the first event: one in ten is not nine in ten.
    seconds = [200 * n for n in range(20)]
    assert _seconds(seconds) == (seconds, [])


def test_moment_before_1970_rounds_down():
    assert _seconds([-1.5]) == ([-2], [])


@pytest.mark.parametrize("value", ["soon", "2020-13-01", "1e300"])
def test_unparsable_time_is_rejected(value):
    reason = "unparsable timestamp"
    assert _seconds([value, "1"]) == ([None, 1], [(0, reason)])


def test_text_time_is_refused_where_seconds_are_promised():
    _, failures = _seconds(["2020-01-01", "5"], "s")
    assert failures == [(0, "unparsable timestamp")]


@pytest.mark.parametrize(
    "array",
    [
        pa.array([5], pa.duration("s")),
        pa.array([5], pa.time32("s")),
        pa.array([[5]]),
        pa.array([True]),
    ],
    ids=str,
)
def test_type_that_is_no_moment_is_rejected(array):
    assert _seconds(array) == ([None], [(0, "unparsable timestamp")])


@pytest.mark.parametrize(
    ("array", "unit"),
    [
        (pa.array(["1577836800.25"]), "s"),
        (pa.array([1577836800.25]), "auto"),
        (pa.array([1577836800250]), "auto"),
        (pa.array(["1577836800250"]), "ms"),
        (pa.array([1577836800250000]), "auto"),
        (pa.array([1577836800250000999]), "auto"),
        (pa.array(["1577836800250000999"]), "ns"),
        (pa.array(["2020-01-01T00:00:00.25Z"]), "auto"),
        (pa.array(["2020-01-01T01:00:00.250000+01:00"]), "iso8601"),
        (pa.array(["2020-01-01 00:00:00.25 UTC"]), "auto"),
        (pa.array([1577836800250], pa.timestamp("ms")), "auto"),
        (pa.array([1577836800250000999], pa.timestamp("ns")), "auto"),
    ],
)
def test_a_moment_within_a_second_is_the_same_in_every_format(array, unit):
    moments = times.to_microseconds(array, unit, None, "at", RowCheck(1))
    assert moments.to_pylist() == [_NEW_YEAR * 1_000_000 + 250_000]
    seconds, rest = times.split_seconds(moments)
    assert (seconds.to_pylist(), rest.tolist()) == ([_NEW_YEAR], [250_000])


def test_the_last_of_a_second_and_times_before_the_epoch_stay_in_theirs():
    array = pa.array([6.9999999, -0.25, None])
    moments = times.to_microseconds(array, "s", None, "at", RowCheck(3))
    seconds, rest = times.split_seconds(moments)
    assert seconds.to_pylist() == [6, -1, None]
    assert rest.tolist() == [999_999, 750_000, 0]
