"""Slates need a pushed version, whichever run came last."""

import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.window_examples.writer import write_records
from pipeline.commands import recommendation
from pipeline.report.slate_section import ask_by_need
from pipeline.report.slate_section import render_slates
from pipeline.runs.execution import execute
from pipeline.runs.monitored_run import RunFailedError
from pipeline.runs.run_folder import RunFolder
from schemas.artifact_files import PUSHED_CATALOG_FILE
from tests.components.window_examples.written_window import encode_record
from tests.pipeline.tiny_pipeline import FAIL
from tests.pipeline.tiny_pipeline import build_tiny_pipeline


def test_folder_without_a_pushed_version_says_so(tmp_path):
    # What slates look like: test_report.py.
    folder = RunFolder(tmp_path)
    execute(build_tiny_pipeline(folder), folder, "one", lambda _: None)
    html = render_slates(folder)
    assert "must have pushed a version" in html


def test_needs_name_what_the_served_version_has(tmp_path):
    table = pa.table(
        {
            "item_id": ["a", "c", "z"],
            "title": ["Alien (1979)", "Heat (1995)", "Emma (1996)"],
            "categories": [["Drama"]] * 3,
        }
    )
    catalog = tmp_path / "9" / PUSHED_CATALOG_FILE
    catalog.parent.mkdir(parents=True)
    pq.write_table(table, catalog)
    # Its one target in the catalogue is "c"; see written_window.py.
    write_records(str(tmp_path), "train", "x.gz", [[encode_record()]])
    asked = ask_by_need(tmp_path / "9", tmp_path)
    assert [query.need for _, query, _ in asked] == [
        "Drama from the 1970s",
        "like Heat",
    ]
    assert asked[1][0] == "A new user who needs “like Heat”"


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_run_that_failed_leaves_the_slates_of_the_served_version(
    finished_run, finished_server, tmp_path, monkeypatch
):
    folder = RunFolder(tmp_path)
    shutil.copy(finished_run.metadata_path, folder.metadata_path)
    with pytest.raises(RunFailedError):
        pipeline = build_tiny_pipeline(folder, mood=FAIL)
        execute(pipeline, folder, "failed", lambda _: None)
    open_client = recommendation.open_client
    monkeypatch.setattr(
        recommendation,
        "open_client",
        lambda folder, _: open_client(
            folder, f"localhost:{finished_server.port}"
        ),
    )
    html = render_slates(folder)
    assert "the heaviest" in html
    assert "A new user who needs" in html
