"""Runs the nodes as one Beam pipeline: independent ones at the same time."""

from apache_beam.options.pipeline_options import StandardOptions
from tfx.orchestration.beam.beam_dag_runner import BeamDagRunner
from tfx.proto.orchestration import pipeline_pb2


def run_beam(
    pipeline: pipeline_pb2.Pipeline,
    run_options: pipeline_pb2.RunOptions | None,
) -> None:
    """Runs a compiled pipeline on TFX's BeamDagRunner.

    Args:
        pipeline: compiled, run id filled in.
        run_options: which nodes to run; None = all.
    """
    # BeamDagRunner builds a `beam.Pipeline()` without options. The default
    # runner it gets would first try to download a binary (Beam 2.77,
    # runners/direct/direct_runner.py).
    default_runner = StandardOptions.DEFAULT_RUNNER
    StandardOptions.DEFAULT_RUNNER = "FnApiRunner"
    try:
        BeamDagRunner().run_with_ir(pipeline, run_options=run_options)
    finally:
        StandardOptions.DEFAULT_RUNNER = default_runner
