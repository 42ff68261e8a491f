"""Other cells as people bring them: what comes out, or the fault."""

import pytest


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("price", ["$12.99", "5"], [12.989999771118164, 5.0]),  # as float32
        ("price", ["1,299.00", "4,5"], [1299.0, 4.5]),
        ("price", ["", "-"], [None, None]),
        ("tags", ["['A', 'B']", '["A", "C"]'], [["A", "B"], ["A", "C"]]),
        ("tags", ["[{'id': 28, 'name': 'Action'}]"], [["Action"]]),
        ("tags", ["A|B", None], [["A", "B"], []]),
        ("title", ["Tom &amp; Jerry", "<b>Bold</b>"], ["Tom & Jerry", "Bold"]),
        ("plot", ["<p>Two<br>lines</p>", "NULL"], ["Two lines", ""]),
        ("born", ["2020-01-01", None], [1_577_836_800, None]),
    ],
)
def test_values_of_items_are_read(read_column, column, values, expected):
    assert read_column("items", column, values) == (expected, {})


@pytest.mark.parametrize(
    ("column", "values", "expected", "fault"),
    [
        (
            "price",
            ["5", "ask us"],
            [5.0, None],
            "wrong type: price: 1 (first at line 3, 'ask us'). `price` must be"
            " a number, with or without a currency, or a word of `null_words`.",
        ),
        (
            "price",
            ["5", "1,299"],
            [5.0, None],
            "wrong type: price: 1 (first at line 3, '1,299'). It may be one of"
            ' two numbers: set `decimal: "."` or `decimal: ","`, the mark'
            " before decimals.",
        ),
        (
            "born",
            ["unknown", "2020-01-01"],
            [None, 1_577_836_800],
            "unparsable created_at: 1 (first at line 2, 'unknown'). Allowed"
            " are seconds, milliseconds, us or ns since 1970 and ISO 8601;"
            " `timestamp_unit` and `timestamp_format` read others.",
        ),
        (
            "tags",
            ["Action, Crime", "Drama, War"],
            [["Action, Crime"], ["Drama, War"]],
            "one category, or several? categories: 2 (first at line 2, 'Action,"
            " Crime'). If they are several, set `category_separator:"
            ' ","`.',
        ),
        (
            "tags",
            ["[{'id': 1}]", "A"],
            [[], ["A"]],
            "wrong type: categories: 1 (first at line 2, \"[{'id': 1}]\")."
            " `categories` must be names, or objects with a `name`.",
        ),
    ],
)
def test_item_with_a_bad_cell_stays_and_the_cell_is_named(
    read_column, column, values, expected, fault
):
    found, faults = read_column("items", column, values)
    assert found == expected
    assert list(faults.values()) == [fault]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_paragraphs_are_one_text(read_column, form):
    values = [["<b>One</b>.", None, "Two."], [], None]
    found = read_column("items", "plot", values, form)
    assert found == (["One. Two.", "", ""], {})


def test_booleans_with_one_odd_row_are_numbers(read_column):
    values = [True, False, "maybe"]
    found, faults = read_column("events", "value", values, "jsonl")
    assert found == [1.0, 0.0, None]
    assert list(faults) == ["wrong type: value"]


def test_event_type_is_mapped_ignored_or_named(read_column):
    types = {"bought": "purchase", "unview": "ignore"}
    values = ["view", "bought", "unview", "stare"]
    found, faults = read_column("events", "kind", values, event_types=types)
    assert found == [0, 3]  # view, purchase: places in EVENT_TYPES
    assert faults["ignored"].startswith("ignored: 1 (first at line 4")
    assert faults["unknown event type"] == (
        "unknown event type: 1 (first at line 5, 'stare'). Types are view,"
        " click, cart, purchase, rate, listen, skip, review, search, message."
        " `event_types: {THEIRS: OURS}` says what another name means,"
        " `{THEIRS: ignore}` leaves such events out."
    )
