"""Typed titles become the events that the model knows."""

import subprocess
import sys

import pytest

from pipeline.commands.query_builder import build_history_query
from pipeline.commands.query_builder import build_user_query
from pipeline.commands.title_lookup import TitleLookup
from pipeline.commands.title_lookup import UnknownTitleError
from pipeline.runs.run_folder import RunFolder

TITLES = TitleLookup({"a": "Heat", "b": "Good, Bad", "c": "Alien"})


@pytest.mark.parametrize("typed", ["", " ; ;"])
def test_no_title_asks_for_somebody_new(tmp_path, typed):
    query, _ = build_history_query(RunFolder(tmp_path), typed, "cosy", TITLES)
    assert list(query.item_ids) == []
    assert query.need == "cosy"


def test_one_unknown_title_among_known_ones_is_refused(tmp_path):
    with pytest.raises(UnknownTitleError, match="'Zzyzx'"):
        build_history_query(RunFolder(tmp_path), "Heat; Zzyzx", "", TITLES)


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_titles_become_the_usual_success_in_the_order_typed(finished_run):
    query, constraints = build_history_query(
        finished_run, "alien; good, bad;Heat", "", TITLES
    )
    assert list(query.item_ids) == ["c", "b", "a"]
    assert list(query.event_types) == ["rate"] * 3
    assert list(query.values) == [5.0] * 3  # every liked item got 5
    assert list(constraints.excluded_item_ids) == []


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_user_s_events_are_asked_with_the_need(finished_run):
    query, _ = build_user_query(finished_run, "u3", "a cosy night")
    assert query.need == "a cosy night"
    assert len(query.item_ids) >= 18  # of 20 events, at most 2 are cut off


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_titles_are_asked_without_tensorflow_from_the_second_time_on(
    finished_run,
):
    first, _ = build_history_query(finished_run, "heat", "", TITLES)
    code = f"""
import sys
from pathlib import Path
from pipeline.commands.query_builder import build_history_query
from pipeline.commands.title_lookup import TitleLookup
from pipeline.runs.run_folder import RunFolder
query, _ = build_history_query(
    RunFolder(Path({str(finished_run.root)!r})), "heat", "",
    TitleLookup({{"a": "Heat"}}),
)
assert query.event_types == {list(first.event_types)!r}, query
assert query.values == {list(first.values)!r}, query
assert "tensorflow.python" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
