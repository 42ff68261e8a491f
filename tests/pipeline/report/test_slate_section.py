"""Slates need a pushed version, and say so where there is none."""

from pipeline.report.diagnostics import Evidence
from pipeline.report.slate_section import render_slates
from pipeline.runs.execution import execute
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import RunHistory
from tests.pipeline.tiny_pipeline import build_tiny_pipeline


def test_folder_without_a_pushed_version_says_so(tmp_path):
    # What slates look like: test_report.py.
    folder = RunFolder(tmp_path)
    execute(build_tiny_pipeline(folder), folder, "one", lambda _: None)
    run = RunHistory(folder.metadata_path).load_runs()[-1]
    html = render_slates(folder, Evidence(run))
    assert "must have pushed a version" in html
