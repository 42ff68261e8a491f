"""Beam's default runner, which wants a download, is never asked."""

import logging

from apache_beam.options.pipeline_options import StandardOptions
from tfx.dsl.compiler.compiler import Compiler
from tfx.orchestration.portable import runtime_parameter_utils

from pipeline.beam_runner import run_beam
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import RunHistory
from tests.pipeline.tiny_pipeline import build_tiny_pipeline


def test_pipeline_runs_without_prism_and_leaves_the_default_alone(
    tmp_path, caplog
):
    before = StandardOptions.DEFAULT_RUNNER
    folder = RunFolder(tmp_path)
    compiled = Compiler().compile(build_tiny_pipeline(folder))
    runtime_parameter_utils.substitute_runtime_parameter(
        compiled, {"pipeline-run-id": "one"}
    )
    with caplog.at_level(logging.INFO):
        run_beam(compiled, None)
    (run,) = RunHistory(folder.metadata_path).load_runs()
    assert [n.state for n in run.nodes] == ["COMPLETE", "COMPLETE"]
    assert "prism" not in caplog.text.lower()
    assert before == StandardOptions.DEFAULT_RUNNER
