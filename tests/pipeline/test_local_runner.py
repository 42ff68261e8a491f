"""Why runs are watched: TFX's own runner keeps a failure to itself."""

from tfx.dsl.compiler.compiler import Compiler
from tfx.orchestration.portable import runtime_parameter_utils

from pipeline.local_runner import run_local
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import RunHistory
from tests.pipeline.tiny_pipeline import build_pipeline_without_input


def test_runner_returns_although_an_input_was_missing(tmp_path):
    # When this fails, TFX raises by itself: MonitoredRun can be simplified.
    folder = RunFolder(tmp_path)
    compiled = Compiler().compile(build_pipeline_without_input(folder))
    runtime_parameter_utils.substitute_runtime_parameter(
        compiled, {"pipeline-run-id": "one"}
    )
    run_local(compiled, None)
    (run,) = RunHistory(folder.metadata_path).load_runs()
    assert "FAILED" in [node.state for node in run.nodes]
