import json

from components.behavior_example_gen import rejects
from components.behavior_example_gen.rejects import Tally


def _add(*tallies):
    return rejects.add_tallies(dict([tally]) for tally in tallies)


_TALLIES = _add(
    (("events", rejects.READ), Tally(10)),
    (("events", "missing item_id"), Tally(1, "e.csv:9")),
    (("events", rejects.READ), Tally(10)),
    (("events", "missing item_id"), Tally(2, "e.csv:5")),
    (("items", rejects.READ), Tally(4)),
)


def test_tallies_of_one_reason_add_up_and_keep_the_first_place():
    assert _TALLIES["events", "missing item_id"] == Tally(3, "e.csv:5")


def test_used_is_read_less_rejected():
    assert rejects.count_rows(_TALLIES) == {
        "events": {
            "read": 20,
            "used": 17,
            "rejected": {"missing item_id": 3},
        },
        "items": {"read": 4, "used": 4, "rejected": {}},
    }


def test_rows_that_a_later_table_replaces_are_no_rejects():
    tallies = _add(
        (("items", rejects.READ), Tally(4)),
        (("items", rejects.REPLACED), Tally(3)),
    )
    assert rejects.count_rows(tallies) == {
        "items": {"read": 4, "replaced": 3, "used": 1, "rejected": {}}
    }
    assert rejects.find_excess(tallies, 0.0) is None


def test_marks_are_neither_used_nor_rejected():
    tallies = _add(
        (("events", rejects.READ), Tally(4)),
        (("events", rejects.MARKS), Tally(3)),
    )
    assert rejects.count_rows(tallies) == {
        "events": {"read": 4, "marks": 3, "used": 1, "rejected": {}}
    }
    assert rejects.find_excess(tallies, 0.0) is None


def test_ignored_types_are_neither_used_nor_rejected():
    tallies = _add(
        (("events", rejects.READ), Tally(4)),
        (("events", rejects.IGNORED), Tally(3)),
    )
    assert rejects.count_rows(tallies) == {
        "events": {"read": 4, "ignored": 3, "used": 1, "rejected": {}}
    }


def test_warnings_are_counted_and_their_rows_are_used():
    warned = Tally(3, "i.csv:2", "'$'", "Set it.", is_warning=True)
    tallies = _add(
        (("items", rejects.READ), Tally(4)), (("items", "odd price"), warned)
    )
    assert rejects.count_rows(tallies) == {
        "items": {
            "read": 4,
            "used": 4,
            "rejected": {},
            "warnings": {"odd price": 3},
        }
    }
    assert rejects.find_excess(tallies, 0.0) is None
    assert rejects.describe_faults(tallies, "items") == {
        "odd price": "odd price: 3 (first at i.csv:2, '$'). Set it."
    }


def test_first_place_is_the_earlier_line_and_not_the_earlier_text():
    key = ("events", "bad")
    total = _add((key, Tally(1, "e.csv:10", "'x'")), (key, Tally(1, "e.csv:9")))
    assert total[key] == Tally(2, "e.csv:9")


def test_share_at_the_limit_is_no_excess():
    assert rejects.find_excess(_TALLIES, 0.15) is None  # 3 of 20


def test_share_above_the_limit_names_counts_reasons_and_place():
    message = rejects.find_excess(_TALLIES, 0.14)
    assert "3 of 20" in message
    assert "missing item_id: 3 (first at e.csv:5)" in message


def test_what_helps_stands_beside_each_reason():
    torn = "wrong number of columns"
    tallies = _add(
        (("events", rejects.READ), Tally(9)),
        (("events", torn), Tally(2, "e.csv:3")),
        (("events", "odd"), Tally(1, "e.csv:4", "'x'", "Mend it.")),
    )
    message = rejects.find_excess(tallies, 0.1)
    assert f"\n  {torn}: 2 (first at e.csv:3). Set `delimiter`" in message
    assert "\n  odd: 1 (first at e.csv:4, 'x'). Mend it.\n" in message


def test_reject_is_one_line_of_json():
    line = rejects.format_reject("events", "e.csv", 3, "not JSON", "a\nb")
    assert "\n" not in line
    assert json.loads(line)["row"] == "a\nb"
