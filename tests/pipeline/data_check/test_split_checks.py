import pyarrow as pa

from components.behavior_example_gen.reading import input_files
from pipeline.data_check.split_checks import assign_splits
from pipeline.data_check.split_checks import check_splits
from pipeline.data_check.table_content import read_content
from tests.pipeline.data_check.conftest import write_rows

_TIME = 1_600_000_000


def _check(config, is_cut=False):
    files = input_files.list_files(config.dataset)
    events = read_content(config.dataset, "events", files, 1000).rows
    items = read_content(config.dataset, "items", files, 1000).rows
    table, split = assign_splits(config, events)
    found = check_splits(config, table, split, items, is_cut)
    return {one.code: one for one in found}


def test_one_moment_for_all_leaves_nothing_to_train_on(write_config):
    rows = write_rows(("u", "a", _TIME), ("v", "b", _TIME))
    finding = _check(write_config(rows))["no_train_events"]
    assert finding.level == "error"
    assert "the same time" in finding.text
    assert "leave_last" in finding.remedy


def test_first_rows_alone_stop_no_run_and_tell_nothing_of_the_gate(
    write_config,
):
    rows = write_rows(("u", "a", _TIME), ("v", "b", _TIME))
    found = _check(write_config(rows), is_cut=True)
    assert {code: one.level for code, one in found.items()} == {
        "no_train_events": "warning"
    }
    rows = write_rows(("u", "a", _TIME), ("v", "b", _TIME + 1))
    config = write_config(rows, splits={"cut_points": [_TIME + 1, _TIME + 2]})
    assert "no_eval_events" not in _check(config, is_cut=True)
    assert "min_queries" in _check(config)
    assert "min_queries" not in _check(config, is_cut=True)


def test_remedy_fits_events_without_order(write_config):
    events = {
        "columns": {"user_id": "user", "item_id": "item"},
        "order": "none",
    }
    rows = write_rows(("u", "a", 1), ("v", "b", 2))
    for fractions, code in (
        ([0.0, 0.5, 0.5], "no_train_events"),
        ([1.0, 0.0, 0.0], "no_eval_events"),
        ([1.0, 0.0, 0.0], "min_queries"),
    ):
        splits = {"method": "hold_out", "fractions": fractions}
        config = write_config(rows, events_config=events, splits=splits)
        finding = _check(config)[code]
        assert "other `splits.fractions`" in finding.remedy
        assert "leave_last" not in finding.remedy
        assert "time" not in finding.text


def test_users_of_one_event_leave_nothing_to_test_and_the_gate_misses_it(
    write_config,
):
    rows = write_rows(*[(f"u{n}", "a", _TIME + n) for n in range(5)])
    found = _check(write_config(rows, splits={"method": "leave_last"}))
    assert "Received: 0" in found["min_queries"].text
    assert found["min_queries"].level == "warning"
    assert "no_eval_events" in found
    for finding in found.values():  # neither of which would help
        assert "fractions" not in finding.remedy
        assert "leave_last" not in finding.remedy


def test_events_on_items_met_before_are_no_queries_unless_people_come_back(
    write_config,
):
    # The last event of each of three users repeats an item.
    rows = write_rows(
        *[
            (user, item, _TIME + place)
            for user in "uvw"
            for place, item in enumerate("aba")
        ]
    )
    settings = {
        "splits": {"method": "leave_last"},
        "evaluator": {"min_queries": 3, "min_users": 3, "min_candidates": 2},
    }
    assert "min_queries" in _check(write_config(rows, **settings))
    back = _check(write_config(rows, dataset={"repeats": "yes"}, **settings))
    assert back == {}


def test_splits_are_by_time(write_config):
    rows = write_rows(*[("u", "a", _TIME + n) for n in range(10)])
    config = write_config(rows)
    files = input_files.list_files(config.dataset)
    events = read_content(config.dataset, "events", files, 1000).rows
    shuffled = events.take(pa.array([9, 0, 8, 1, 7, 2, 6, 3, 5, 4]))
    table, split = assign_splits(config, shuffled)
    assert table["timestamp"].to_pylist() == [_TIME + n for n in range(10)]
    assert split.tolist() == [0] * 8 + [1, 2]
