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
@pytest.mark.parametrize(
    "asked",
    [
        ["recommend", "--user", "u3"],
        ["recommend", "--history", "the night 0", "--need", "a cosy night"],
        ["explain", "--user", "u3", "--item", "the dog 1"],
    ],
)
def test_running_server_is_asked_without_tensorflow(
    finished_run, finished_server, asked
):
    address = f"localhost:{finished_server.port}"
    options = ["--root", str(finished_run.root), "--address", address]
    code = (
        "import sys\n"
        "from pipeline.commands import cli\n"
        "assert cli.main(sys.argv[1:]) == cli.EXIT_OK\n"
        "loaded = {'tensorflow', 'tfx', 'apache_beam'} & set(sys.modules)\n"
        "sys.exit(', '.join(loaded) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *asked, *options],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "because" in done.stdout
