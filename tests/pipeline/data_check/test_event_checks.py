import dataclasses

import pytest

from components.behavior_example_gen.reading import input_files
from pipeline.data_check.event_checks import check_events
from pipeline.data_check.table_content import read_content
from tests.pipeline.data_check.conftest import write_rows

_TIME = 1_600_000_000


def _check(config, **of_events):
    files = input_files.list_files(config.dataset)
    names = dict.fromkeys(file.table for file in files)
    tables = {
        name: read_content(config.dataset, name, files, 1000) for name in names
    }
    tables["events"] = dataclasses.replace(tables["events"], **of_events)
    return {one.code: one for one in check_events(config, tables)}


def test_good_events_have_no_findings(write_config):
    rows = write_rows(("u", "a", _TIME), ("u", "b", _TIME + 1))
    assert _check(write_config(rows)) == {}


def test_ratings_without_a_bound_are_no_likes_and_one_is_proposed(
    write_config,
):
    # Of ten ratings half are 5 and 7 are 4 or more: 50% is nearest to 55%.
    values = [5] * 5 + [4] * 2 + [1] * 3
    rows = "user,item,time,stars\n" + "".join(
        f"u{n},a,{_TIME + n},{value}\n" for n, value in enumerate(values)
    )
    columns = {"user_id": "user", "item_id": "item", "timestamp": "time"}
    settings = {
        "columns": {**columns, "value": "stars"},
        "default_event_type": "rate",
    }
    finding = _check(write_config(rows, events_config=settings))[
        "nothing_positive"
    ]
    assert finding.level == "warning"
    assert "positive_value: 5" in finding.remedy
    settings["positive_value"] = 4
    assert _check(write_config(rows, events_config=settings)) == {}


def test_views_alone_are_no_likes(write_config):
    rows = write_rows(("u", "a", _TIME))
    settings = {"default_event_type": "view"}
    found = _check(write_config(rows, events_config=settings))
    assert "positive_event_types" in found["nothing_positive"].remedy


@pytest.mark.parametrize(
    ("time", "code"),
    [(5, "implausible_times"), (_TIME + 2, "future_events")],
)
def test_times_that_stop_a_run_are_errors(write_config, time, code):
    rows = write_rows(("u", "a", _TIME), ("u", "b", time))
    found = _check(write_config(rows, validation={"now": _TIME + 1}))
    assert found[code].level == "error"
    assert f"u, b, {time}" in found[code].text


def test_repeats_of_an_event_are_counted(write_config):
    rows = write_rows(*[("u", "a", _TIME)] * 3, ("u", "b", _TIME))
    found = _check(write_config(rows))
    assert "2 of 4" in found["duplicate_events"].text


def test_items_that_the_catalogue_lacks_stop_the_run(write_config):
    rows = write_rows(("u", "a", _TIME), ("u", "z", _TIME + 1))
    found = _check(write_config(rows))
    assert found["unknown_items"].level == "error"
    assert "1 of 2" in found["unknown_items"].text


def test_people_under_pseudonyms_are_not_shown(write_config, tmp_path):
    rows = write_rows(("anna@x.org", "z", _TIME), ("v", "b", _TIME + 1))
    users = {"path": str(tmp_path / "u.csv"), "columns": {"user_id": "id"}}
    (tmp_path / "u.csv").write_text("id\nv\n")
    dataset = {"users": users, "pseudonymise_key_file": "key"}
    rules = {"now": _TIME}
    config = write_config(rows, dataset=dataset, validation=rules)
    found = _check(config)
    assert set(found) == {"future_events", "unknown_items", "unknown_users"}
    assert "anna" not in str(found)
    assert "v, b" not in str(found)


def test_share_of_the_first_rows_stops_no_run(write_config):
    # A tenth of them is unknown, more than the twentieth that is allowed ...
    rows = [("u", "a", _TIME + n) for n in range(9)]
    config = write_config(write_rows(*rows, ("u", "z", _TIME + 9)))
    assert _check(config)["unknown_items"].level == "error"
    found = _check(config, is_cut=True)["unknown_items"]
    assert found.level == "warning"
    assert "the first rows" in found.text
    # ... and where none is allowed, one is too many of how many there are.
    early = write_config(write_rows(*rows, ("u", "a", 5)))
    assert _check(early, is_cut=True)["implausible_times"].level == "error"


def test_bound_of_counts_is_proposed_as_a_count(write_config):
    # Half of the plays are 20 or more: log(1 + 20) is about 3.
    rows = "user,item,time,plays\n" + "".join(
        f"u{n},a,{_TIME + n},{(20, 2)[n % 2]}\n" for n in range(10)
    )
    columns = {"user_id": "user", "item_id": "item", "timestamp": "time"}
    settings = {
        "columns": {**columns, "value": "plays"},
        "default_event_type": "view",
        "value": "count",
    }
    remedy = _check(write_config(rows, events_config=settings))[
        "nothing_positive"
    ].remedy
    assert "positive_value: 20`" in remedy
    assert "from 2 to 20" in remedy
    settings["positive_value"] = 20
    assert _check(write_config(rows, events_config=settings)) == {}


def test_users_that_the_table_lacks_are_told(write_config, tmp_path):
    (tmp_path / "users.csv").write_text("id,age\nv,30\n")
    users = {
        "path": str(tmp_path / "users.csv"),
        "columns": {"user_id": "id"},
        "attributes": {"age": "number"},
    }
    rows = write_rows(("u", "a", _TIME), ("v", "b", _TIME + 1))
    found = _check(write_config(rows, dataset={"users": users}))
    assert "The first: u" in found["unknown_users"].text
