import json

import apache_beam as beam
import pytest

from components.behavior_example_gen.outputs import COUNTS_FILE
from components.behavior_example_gen.reading import input_files
from components.behavior_example_gen.split_config import ExampleGenConfig
from components.behavior_example_gen.transforms import IngestBehavior
from pipeline.data_check.check_text import describe_check
from pipeline.data_check.dataset_check import check_dataset
from tests.pipeline.data_check.conftest import write_rows

_GOOD = write_rows(("u", "a", 1_600_000_000), ("u", "b", 1_600_000_100))
_MANY = 1000


def _codes(check, level):
    return {one.code for one in check.findings if one.level == level}


def test_file_that_is_not_there_is_named(write_config):
    check = check_dataset(write_config(None), _MANY)
    (finding,) = check.errors
    assert "events.csv" in finding.text
    assert check.tables == {}


def test_columns_of_all_tables_are_missed_at_once(write_config):
    config = write_config("user;item;time\n", "sku,title\na,Alpha\n")
    check = check_dataset(config, _MANY)
    assert _codes(check, "error") == {"header_of_events", "header_of_items"}


def test_files_of_other_spans_are_told(write_config, tmp_path):
    for day in (1, 2, 3):
        (tmp_path / f"e-{day}.csv").write_text(_GOOD)
    path = str(tmp_path / "e-{SPAN}.csv")
    check = check_dataset(
        write_config(None, events_config={"path": path}), _MANY
    )
    (left_out,) = [one for one in check.findings if "left_out" in one.code]
    assert "2 of 3 files" in left_out.text
    assert "e-2.csv" in left_out.text


def test_old_versions_and_impossible_dates_are_no_other_spans(
    write_config, tmp_path
):
    for name in ("2020-01-31-1", "2020-01-31-2", "2020-02-31-1", "notes"):
        (tmp_path / f"e-{name}.csv").write_text(_GOOD)
    path = str(tmp_path / "e-{YYYY}-{MM}-{DD}-{VERSION}.csv")
    (tmp_path / "e-x-y-z-1.csv").write_text(_GOOD)
    config = write_config(
        None, events_config={"path": path}, dataset={"spans": "all"}
    )
    old, bad = (
        one
        for one in check_dataset(config, _MANY).findings
        if one.code == "events_left_out"
    )
    if "older" not in old.text:
        old, bad = bad, old
    assert "1 of 4 files of `events` are older versions" in old.text
    assert "01-31-1.csv" in old.text
    assert "2 of 4 files of `events` have no such span or date" in bad.text
    assert "spans: all" not in old.remedy + bad.remedy


def test_hint_at_a_separator_empties_no_cell(write_config):
    items = 'item,title,c\na,Alpha,"x, y"\nb,Beta,"y, z"\n'
    columns = {"item_id": "item", "title": "title", "categories": "c"}
    config = write_config(_GOOD, items, items_config={"columns": columns})
    (told,) = [
        one
        for one in check_dataset(config, _MANY).findings
        if "several?" in one.text
    ]
    assert told.text.startswith("2 of 2 rows of `items` are used as they are")
    assert 'category_separator: ","' in told.remedy


def test_long_row_is_cut_and_reasons_are_not(write_config):
    rows = [
        "u,a," + "x" * 5000,
        "u," + "y" * 5000,
        *["u,a,1600000000"] * 2,
        ",a,1600000000",
        "u,,1600000000",
    ]
    config = write_config("\n".join(["user,item,time", *rows, ""]))
    check = check_dataset(config, _MANY)
    (error,) = (one for one in check.errors if "rejects" in one.code)
    for reason in ("timestamp", "wrong number", "user_id", "item_id"):
        assert reason in error.text
        (line,) = [
            line
            for line in describe_check(check)
            if f" {reason}" in line and "are not used" in line
        ]
        assert len(line) < 1000
    assert error.text.replace("\n", " ")[-40:] in " ".join(
        describe_check(check)
    )


def test_too_many_rejects_are_an_error_with_row_and_setting(write_config):
    rows = write_rows(("u", "a", "noon"), ("u", "b", 1_600_000_100))
    check = check_dataset(write_config(rows), _MANY)
    assert "rejects_of_events" in _codes(check, "error")
    (told,) = [one for one in check.findings if one.code == "rejected"]
    assert "noon" in told.text
    assert "events.csv:2" in told.text
    assert "timestamp_unit" in told.remedy


def test_rejects_among_the_first_rows_stop_no_run(write_config, tmp_path):
    (tmp_path / "e-1.csv").write_text("user,item,time\nu,a,noon\n")
    (tmp_path / "e-2.csv").write_text(_GOOD)
    path = str(tmp_path / "e-*.csv")
    check = check_dataset(write_config(None, events_config={"path": path}), 1)
    assert check.errors == []
    assert {"rejects_of_events", "no_events"} <= _codes(check, "warning")
    # Where none is allowed, one is too many of how many there are.
    config = write_config(
        None, events_config={"path": path}, dataset={"max_reject_share": 0.0}
    )
    assert _codes(check_dataset(config, 1), "error") == {"rejects_of_events"}


def test_nothing_of_people_under_pseudonyms_is_told(write_config):
    settings = {"pseudonymise_key_file": "key"}
    for events in (
        "anna@x.org,a,1600000000\n",
        "user,item,time\nanna@x.org,z,1600000000\n",
        "user,item,time\nanna@x.org,a,noon\n",
        'user,item,time\n"anna\\"@x.org",a,1600000000\n',
    ):
        check = check_dataset(write_config(events, dataset=settings), _MANY)
        assert check.findings
        assert "anna" not in str(check.findings)
        told = check_dataset(write_config(events), _MANY)
        assert "anna" in str(told.findings) or "noon" in str(told.findings)


def test_table_without_a_row_that_can_be_used_is_an_error(write_config):
    check = check_dataset(write_config("user,item,time\n"), _MANY)
    assert "no_events" in _codes(check, "error")


def test_splits_and_span_are_those_of_the_rows(write_config):
    # Ten moments: eight for train, one each for eval and test.
    rows = [("u", "ab"[n % 2], 1_600_000_000 + n) for n in range(10)]
    check = check_dataset(write_config(write_rows(*rows)), _MANY)
    assert check.split_sizes == {"train": 8, "eval": 1, "test": 1}
    assert check.facts.num_events == 10
    assert check.facts.num_users == 1
    assert check.facts.last == 1_600_000_009


def test_part_of_a_file_is_told_as_such(write_config, tmp_path):
    for part in (1, 2):
        (tmp_path / f"e-{part}.csv").write_text(_GOOD)
    path = str(tmp_path / "e-*.csv")
    check = check_dataset(write_config(None, events_config={"path": path}), 1)
    assert check.tables["events"].is_cut
    assert check.tables["events"].counts["read"] == 2


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_rows_are_counted_as_ingest_counts_them(write_config, tmp_path, share):
    events = (
        "user,item,time\n"
        "u,a,1600000000\nu,b,soon\n,b,1600000000\nv,a\nv,b,1600000001\n"
    )
    if share:  # a run that stops looks for no repeats
        events += "v,b,1600000001\n"
    items = "item,title\na,Alpha\na,Again\nb,Beta\n,Nothing\nc,\n"
    config = write_config(events, items, dataset={"max_reject_share": share})
    check = check_dataset(config, _MANY)
    uris = {}
    for name in ("examples", "catalog", "rejects"):
        uris[name] = str(tmp_path / name)
        (tmp_path / name).mkdir()
    files = input_files.list_files(config.dataset)
    settings = ExampleGenConfig(dataset=config.dataset, splits=config.splits)
    with beam.Pipeline("FnApiRunner") as pipeline:
        _ = (
            pipeline
            | beam.Create(files)
            | IngestBehavior(settings, files, uris)
        )
    counts = json.loads((tmp_path / "rejects" / COUNTS_FILE).read_text())
    for entry in counts.values():
        entry.pop("faults")  # sentences on what is counted
    told = {name: content.counts for name, content in check.tables.items()}
    assert told == counts
    assert bool(check.errors) == (share == 0.0)
