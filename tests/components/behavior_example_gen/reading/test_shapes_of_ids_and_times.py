"""Ids and times as people bring them: what comes out, or the fault."""

import pytest

_ALL = ("csv", "jsonl", "parquet")


@pytest.mark.parametrize(
    ("values", "forms", "expected"),
    [
        # pandas writes 12 as 12.0 where a column has gaps.
        ([12, 7], _ALL, ["12", "7"]),
        ([12.0, 7.0], _ALL, ["12", "7"]),
        (["12.0", "7", "12"], _ALL, ["12", "7", "12"]),
        ([" u ", "u\t", "u"], _ALL, ["u", "u", "u"]),
        (["007", "7"], ("jsonl", "parquet", "csv"), ["007", "7"]),
        ([2**53 + 1, 2**53 + 3], _ALL, [str(2**53 + 1), str(2**53 + 3)]),
        ([2**53 + 1, 7.0, 2**53], ["jsonl"], [str(2**53 + 1), "7", str(2**53)]),
    ],
    ids=str,
)
def test_ids_that_are_one_are_one_in_every_format(
    read_column, values, forms, expected
):
    for form in forms:
        found = read_column("events", "user", values, form)
        assert found == (expected, {}), form


@pytest.mark.parametrize(
    "word", ["nan", "NaN", "NULL", "None", "\\N", "N/A", "-", "", " "]
)
@pytest.mark.parametrize("form", _ALL)
def test_words_for_nothing_are_no_user(read_column, form, word):
    ids, faults = read_column("events", "user", ["u", word], form)
    assert ids == ["u"]
    assert list(faults) == ["missing user_id"]
    assert "`null_words`" in faults["missing user_id"]


@pytest.mark.parametrize(
    ("values", "form", "fault"),
    [
        (
            ["u", {"id": 7}],
            "jsonl",
            "wrong type: user_id: 1 (first at line 2, '{\"id\": 7}'). `user_id`"
            " must be a text or a number, no list and no object.",
        ),
        (
            ["u", [7, 8]],
            "jsonl",
            "wrong type: user_id: 1 (first at line 2, '[7, 8]'). `user_id`"
            " must be a text or a number, no list and no object.",
        ),
        (
            ["u", "8.71234E+12"],
            "csv",
            "digits lost: user_id: 1 (first at line 3, '8.71234E+12')."
            " `user_id` must be written with all its digits: as text or as a"
            " whole number, not as a float.",
        ),
    ],
    ids=str,
)
def test_what_is_no_id_is_named(read_column, values, form, fault):
    ids, faults = read_column("events", "user", values, form)
    assert ids == ["u"]
    assert list(faults.values()) == [fault]


@pytest.mark.parametrize(
    ("value", "settings"),
    [
        ("2020-01-01 00:00:00 UTC", {}),
        ("2020-01-01", {}),
        (1_577_836_800_000, {}),
        (1_577_836_800_000_000, {}),
        (1_577_836_800_000_000_000, {}),
        ("01/01/2020 12:00 AM", {"timestamp_format": "%m/%d/%Y %I:%M %p"}),
        ("01.01.2020 00:00", {"timestamp_format": "%d.%m.%Y %H:%M"}),
        ("01 1, 2020", {"timestamp_format": "%m %d, %Y"}),
        (
            "Tue Dec 31 17:00:00 -0700 2019",
            {"timestamp_format": "%a %b %d %H:%M:%S %z %Y"},
        ),
        (43831, {"timestamp_unit": "excel"}),
        (2020, {"timestamp_format": "%Y"}),
    ],
    ids=str,
)
def test_time_is_the_same_moment_in_every_form(read_column, value, settings):
    for form in _ALL:
        found = read_column("events", "at", [value], form, **settings)
        assert found == ([1_577_836_800], {}), form


_NO_TIME = "unparsable timestamp: 1 (first at line 2, {}). {}"


@pytest.mark.parametrize(
    ("value", "shown", "remedy"),
    [
        (
            "11/25/2019 9:05 AM",
            "'11/25/2019 9:05 AM'",
            'Its form is likely `timestamp_format: "%m/%d/%Y %I:%M %p"`.',
        ),
        (
            "13.09.2020 12:26",
            "'13.09.2020 12:26'",
            'Its form is likely `timestamp_format: "%d.%m.%Y %H:%M"`.',
        ),
        (
            1995,
            "'1995'",
            'These numbers are no seconds: set `timestamp_format: "%Y"`, or'
            " `timestamp_unit: s` if they are.",
        ),
        (
            "43738.5",
            "'43738.5'",
            "These numbers are no seconds: set `timestamp_unit: excel`, or"
            " `timestamp_unit: s` if they are.",
        ),
        (
            "soon",
            "'soon'",
            "Allowed are seconds, milliseconds, us or ns since 1970 and ISO"
            " 8601; `timestamp_unit` and `timestamp_format` read others.",
        ),
    ],
)
def test_time_that_cannot_be_read_names_its_form(
    read_column, value, shown, remedy
):
    found, faults = read_column("events", "at", [value])
    assert found == []
    assert faults == {"unparsable timestamp": _NO_TIME.format(shown, remedy)}
