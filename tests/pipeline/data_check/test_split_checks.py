import pyarrow as pa

from components.behavior_example_gen.reading import input_files
from pipeline.data_check.split_checks import assign_splits
from pipeline.data_check.split_checks import check_splits
from pipeline.data_check.table_content import read_content
from tests.pipeline.data_check.conftest import write_rows

_TIME = 1_600_000_000


def _check(config):
    files = input_files.list_files(config.dataset)
    events = read_content(config.dataset, "events", files, 1000).rows
    items = read_content(config.dataset, "items", files, 1000).rows
    table, split = assign_splits(config, events)
    return {one.code: one for one in check_splits(config, table, split, items)}


def test_one_moment_for_all_leaves_nothing_to_train_on(write_config):
    rows = write_rows(("u", "a", _TIME), ("v", "b", _TIME))
    finding = _check(write_config(rows))["no_train_events"]
    assert finding.level == "error"
    assert "the same time" in finding.text
    assert "leave_last" in finding.remedy


def test_users_of_one_event_leave_nothing_to_test_and_the_gate_misses_it(
    write_config,
):
    rows = write_rows(*[(f"u{n}", "a", _TIME + n) for n in range(5)])
    found = _check(write_config(rows, splits={"method": "leave_last"}))
    assert "Received: 0" in found["min_queries"].text
    assert found["min_queries"].level == "warning"
    assert "no_eval_events" in found


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
