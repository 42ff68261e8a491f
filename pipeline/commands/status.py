"""The state of a folder: its dataset, runs, figures and pushed versions."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass

from pipeline.commands.pushed_versions import PushedVersion
from pipeline.commands.pushed_versions import list_pushed_versions
from pipeline.runs.dataset_summary import DatasetSummary
from pipeline.runs.dataset_summary import summarise_dataset
from pipeline.runs.figure_names import write_figure
from pipeline.runs.figures import INFRA_BLESSING
from pipeline.runs.figures import MODEL_EVALUATION
from pipeline.runs.figures import PUSHED_MODEL
from pipeline.runs.figures import Figure
from pipeline.runs.figures import find_pushed_before
from pipeline.runs.figures import list_figures
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import PipelineRun
from pipeline.runs.run_history import RunHistory
from pipeline.runs.verdict import MODEL_BLESSING

_GATES = (
    ("blessed", MODEL_BLESSING, "blessed"),
    ("serves", INFRA_BLESSING, "blessed"),
    ("pushed", PUSHED_MODEL, "pushed"),
)


@dataclass(frozen=True, kw_only=True)
class Status:
    """The state of a folder.

    Attributes:
        dataset: of the newest run that read one; None = no run did.
        runs: the newest ones, oldest first.
        judged: id of the newest run with figures; "" = there is none.
        figures: of that run, beside those of the model served before.
        versions: that were pushed.
    """

    dataset: DatasetSummary | None
    runs: list[PipelineRun]
    judged: str
    figures: list[Figure]
    versions: list[PushedVersion]


def read_status(folder: RunFolder, num_runs: int) -> Status:
    """Reads the state of a folder, from files of its newest runs alone.

    TensorFlow loads for an evaluation from before `FIGURES_FILE` only.

    Args:
        folder: the state of a pipeline.
        num_runs: how many of the newest runs are shown.

    Raises:
        FileNotFoundError: nothing has run in the folder.
        ValueError: the labels of the versions cannot be read.
    """
    runs = RunHistory(folder.metadata_path).load_runs()
    summaries = filter(None, map(summarise_dataset, reversed(runs)))
    judged, figures = _find_figures(runs)
    return Status(
        dataset=next(summaries, None),
        runs=runs[-num_runs:],
        judged=judged,
        figures=figures,
        versions=list_pushed_versions(folder.serving_path),
    )


def _find_figures(runs: Sequence[PipelineRun]) -> tuple[str, list[Figure]]:
    """Finds the newest run that has figures; `runs` is oldest first."""
    for run in reversed(runs):
        if run.find_output(MODEL_EVALUATION):
            figures = list_figures(run, find_pushed_before(runs, run))
            if figures:
                return run.run_id, figures
    return "", []


def describe_status(status: Status) -> list[str]:
    """Writes a state as lines of text."""
    lines = []
    if status.dataset is not None:
        lines += [status.dataset.describe(), ""]
    for run in status.runs:
        lines += _describe_run(run)
    if status.figures:
        lines += _describe_figures(status)
    return [*lines, *_describe_versions(status.versions)]


def dump_status(status: Status) -> str:
    """Writes a state as a JSON object, with the fields of `Status`."""
    runs = [
        {
            "run_id": run.run_id,
            "nodes": [
                {
                    "node": node.node_id,
                    "state": node.state,
                    "seconds": node.seconds,
                    "error": node.error,
                }
                for node in run.nodes
            ],
            **{label: _read_gate(run, *gate) for label, *gate in _GATES},
        }
        for run in status.runs
    ]
    fields = {
        "dataset": status.dataset and asdict(status.dataset),
        "runs": runs,
        "judged": status.judged,
        "figures": [asdict(figure) for figure in status.figures],
        "versions": [asdict(version) for version in status.versions],
    }
    return json.dumps(fields, indent=2, ensure_ascii=False)


def _read_gate(run: PipelineRun, type_name: str, name: str) -> bool | None:
    """Returns what a gate said; None = it did not run."""
    artifact = run.find_output(type_name)
    return None if artifact is None else artifact.properties.get(name) == 1


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
        said = _read_gate(run, type_name, name)
        if said is not None:
            lines.append(f"  {label}: {'yes' if said else 'no'}")
    return [*lines, ""]


def _describe_figures(status: Status) -> list[str]:
    """Lists figures beside those before; a missed one is marked."""
    rows = [("", "now", "before", "popularity", "asked for")]
    for figure in status.figures:
        missed = "MISSED: " if figure.is_ok is False else ""
        rows.append(
            (
                figure.name,
                write_figure(figure.metric, figure.value),
                write_figure(figure.metric, figure.before),
                _write_known(figure),
                missed + figure.asked,
            )
        )
    if all(figure.popularity is None for figure in status.figures):
        rows = [(*row[:3], row[4]) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *numbers, last in rows:
        cells = [f"{first:<{widths[0]}}"]
        cells += map(str.rjust, numbers, widths[1:-1])
        lines.append("  " + "  ".join([*cells, last]))
    return [
        f"figures of run {status.judged}, and of what was served before",
        *(line.rstrip() for line in lines),
        "",
    ]


def _write_known(figure: Figure) -> str:
    if figure.popularity is None:
        return ""
    return write_figure(figure.metric, figure.popularity)


def _describe_versions(versions: Sequence[PushedVersion]) -> list[str]:
    if not versions:
        return ["pushed versions: none"]
    lines = []
    for model in dict.fromkeys(version.model for version in versions):
        lines.append(f"pushed versions of {model}:")
        for version in versions:
            if version.model == model:
                marks = [
                    "served" if version.is_served else "",
                    *version.labels,
                    f"BROKEN: {version.problem}" if version.problem else "",
                ]
                text = ", ".join(filter(None, marks))
                lines.append(f"  {version.number}  {text}".rstrip())
    return lines
