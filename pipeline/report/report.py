"""One self-contained HTML page about the last run. Loads TensorFlow."""

from collections.abc import Callable
from pathlib import Path

from components.evaluator.config import OVERALL
from pipeline.report import data_sections
from pipeline.report import diagnostics
from pipeline.report.figure_tables import render_figure_table
from pipeline.report.figure_tables import render_slice_tables
from pipeline.report.headline import render_headline
from pipeline.report.html_page import render_page
from pipeline.report.html_page import render_table
from pipeline.report.html_page import render_text
from pipeline.report.slate_section import render_slates
from pipeline.report.training_curves import load_training_curves
from pipeline.report.trend import list_judged_runs
from pipeline.report.trend import render_trend
from pipeline.runs.dataset_summary import summarise_dataset
from pipeline.runs.dates import write_duration
from pipeline.runs.figure_names import sort_slices
from pipeline.runs.figures import find_pushed_before
from pipeline.runs.figures import list_figures
from pipeline.runs.figures import load_evaluation
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import PipelineRun
from pipeline.runs.run_history import RunHistory
from pipeline.runs.verdict import read_verdict


def write_report(folder: RunFolder, output_path: Path) -> None:
    """Writes the page.

    Args:
        folder: the state of a pipeline.
        output_path: the HTML file.

    Raises:
        FileNotFoundError: nothing has run in the folder.
    """
    runs = RunHistory(folder.metadata_path).load_runs()
    if not runs:
        raise FileNotFoundError(
            f"{folder.root} must hold a run. Received: none."
        )
    run = runs[-1]
    evidence = diagnostics.Evidence(run)
    figures = list_figures(run, find_pushed_before(runs, run))
    judged = list_judged_runs(runs)
    # What the model is worth, then what it learnt from, then how.
    sections: list[tuple[str, Callable[[], str]]] = [
        ("Figures and thresholds", lambda: render_figure_table(figures)),
        ("Trend over runs", lambda: render_trend(judged)),
        ("Example slates", lambda: render_slates(folder)),
        ("Against peers", lambda: _render_peers(run, evidence)),
        ("Metrics per slice", lambda: _render_metrics(run)),
        ("Popularity", lambda: diagnostics.render_popularity_bias(evidence)),
        ("Calibration", lambda: diagnostics.render_calibration(evidence)),
        ("Item map", lambda: diagnostics.render_embedding_map(evidence)),
        ("Nearest titles", lambda: diagnostics.render_nearest_items(evidence)),
        ("Learning curves", lambda: _render_training(run)),
        ("Rejected rows", lambda: data_sections.render_rejects(run)),
        ("Data statistics", lambda: data_sections.render_statistics(run)),
        ("Anomalies", lambda: data_sections.render_anomalies(run)),
        ("Behaviour", lambda: data_sections.render_behaviour(run)),
        ("Stages", lambda: _render_stages(run)),
    ]
    page = render_page(
        f"{run.pipeline_name}: what run {run.run_id} made",
        render_headline(
            run, read_verdict(run), figures, summarise_dataset(run)
        ),
        [(heading, _render(render)) for heading, render in sections],
    )
    output_path.parent.mkdir(parents=True, exist_ok=True)
    output_path.write_text(page, encoding="utf-8")


def _render(render: Callable[[], str]) -> str:
    try:
        return render()
    except diagnostics.MissingEvidenceError as error:
        return render_text(str(error))


def _render_training(run: PipelineRun) -> str:
    artifact = run.find_output("ModelRun")
    if artifact is None:
        return render_text(data_sections.ABSENT)
    return diagnostics.render_learning_curves(
        load_training_curves(artifact.path)
    )


def _render_metrics(run: PipelineRun) -> str:
    evaluation = load_evaluation(run)
    if evaluation is None:
        return render_text(data_sections.ABSENT)
    return render_slice_tables(evaluation)


def _render_peers(run: PipelineRun, evidence: diagnostics.Evidence) -> str:
    evaluation = load_evaluation(run)
    slice_names = [OVERALL] if evaluation is None else evaluation["metrics"]
    return diagnostics.render_peers(evidence, sort_slices(slice_names))


def _render_stages(run: PipelineRun) -> str:
    return render_table(
        ("stage", "state", "took"),
        [
            (node.node_id, node.state.lower(), write_duration(node.seconds))
            for node in run.nodes
        ],
    )
