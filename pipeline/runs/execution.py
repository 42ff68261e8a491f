"""Runs a TFX pipeline in a run folder, with progress and errors."""

from collections.abc import Callable
from typing import Literal

from tfx.dsl.compiler.compiler import Compiler
from tfx.dsl.compiler.constants import PIPELINE_RUN_ID_PARAMETER_NAME
from tfx.orchestration.pipeline import Pipeline
from tfx.orchestration.portable import runtime_parameter_utils
from tfx.proto.orchestration import pipeline_pb2

from pipeline.beam_runner import run_beam
from pipeline.local_runner import run_local
from pipeline.runs.monitored_run import MonitoredRun
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import PipelineRun

RunnerName = Literal["local", "beam"]
_RUNNERS = {"local": run_local, "beam": run_beam}


def execute(
    pipeline: Pipeline,
    folder: RunFolder,
    run_id: str,
    write_line: Callable[[str], None],
    runner: RunnerName = "local",
    run_options: pipeline_pb2.RunOptions | None = None,
) -> PipelineRun:
    """Runs a pipeline and checks that no node failed.

    Args:
        pipeline: with its metadata in `folder`.
        folder: where the log file goes; the caller holds its lock.
        run_id: no other run has it.
        write_line: takes progress, one line at a time.
        runner: how nodes are run.
        run_options: which nodes; None = all.

    Returns:
        The run, as recorded in ML Metadata.

    Raises:
        RunFailedError: a node failed.
    """
    compiled = Compiler().compile(pipeline)
    runtime_parameter_utils.substitute_runtime_parameter(
        compiled, {PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
    )
    num_nodes = len(pipeline.components) if run_options is None else None
    monitor = MonitoredRun(folder, run_id, num_nodes, write_line)
    with monitor:
        _RUNNERS[runner](compiled, run_options)
    return monitor.load_run()
