"""The runs of a folder, as text."""

from pathlib import Path

from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import PipelineRun
from pipeline.runs.run_history import RunHistory
from pipeline.runs.verdict import INFRA_BLESSING
from pipeline.runs.verdict import MODEL_BLESSING
from pipeline.runs.verdict import PUSHED_MODEL
from serving.version_directory import list_versions

_GATES = (
    ("blessed", MODEL_BLESSING, "blessed"),
    ("serves", INFRA_BLESSING, "blessed"),
    ("pushed", PUSHED_MODEL, "pushed"),
)


def describe_status(folder: RunFolder, num_runs: int) -> list[str]:
    """Lists runs, nodes, durations, gates and pushed versions.

    Args:
        folder: the state of a pipeline.
        num_runs: how many of the newest runs are shown.

    Returns:
        Lines of text.

    Raises:
        FileNotFoundError: nothing has run in the folder.
    """
    runs = RunHistory(folder.metadata_path).load_runs()
    lines = []
    for run in runs[-num_runs:]:
        lines += _describe_run(run)
    return [*lines, *_describe_versions(folder.serving_path)]


def _describe_run(run: PipelineRun) -> list[str]:
    lines = [f"run {run.run_id}"]
    lines += [
        f"  {node.node_id:<24} {node.state:<9} {node.seconds:8.1f} s"
        for node in run.nodes
    ]
    lines += [
        f"  failed: {' '.join(node.error.split())}"
        for node in run.nodes
        if node.error
    ]
    for label, type_name, name in _GATES:
        artifact = run.find_output(type_name)
        if artifact is not None:
            answer = "yes" if artifact.properties.get(name) == 1 else "no"
            lines.append(f"  {label}: {answer}")
    return [*lines, ""]


def _describe_versions(serving_path: Path) -> list[str]:
    models = sorted(serving_path.glob("*/")) if serving_path.is_dir() else []
    lines = [
        f"pushed versions of {model.name}: {', '.join(map(str, versions))}"
        for model in models
        if (versions := list_versions(model))
    ]
    return lines or ["pushed versions: none"]
