"""Runs BehaviorExampleGen by itself."""

from pathlib import Path

from tfx.dsl.components.base import base_beam_executor
from tfx.types import standard_artifacts

from components.behavior_example_gen import component
from schemas import artifact_types

_BEAM_ARGS = ["--runner=FnApiRunner", "--sdk_container_image=unused"]


def run_example_gen(base: Path, config: str, **properties) -> dict:
    """Runs the executor.

    Args:
        base: gets a folder for each output.
        config: of `ExampleGenConfig`, as JSON.
        **properties: others of the component.

    Returns:
        The artifacts by output: examples, catalog, rejects.
    """
    artifacts = {
        "examples": standard_artifacts.Examples(),
        "catalog": artifact_types.Catalog(),
        "rejects": artifact_types.Rejects(),
    }
    for name, artifact in artifacts.items():
        (base / name).mkdir(parents=True)
        artifact.uri = str(base / name)
    context = base_beam_executor.BaseBeamExecutor.Context(
        beam_pipeline_args=_BEAM_ARGS
    )
    outputs = {name: [artifact] for name, artifact in artifacts.items()}
    properties = {"config": config, "code_version": "test"} | properties
    component.Executor(context).Do({}, outputs, properties)
    return artifacts
