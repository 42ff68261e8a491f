"""One self-contained HTML page about the last run. Loads TensorFlow."""

import json
from collections.abc import Callable
from pathlib import Path

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tensorflow_metadata.proto.v0 import statistics_pb2

from components.evaluator.config import OVERALL
from components.evaluator.evaluation import BASELINE
from components.evaluator.evaluation import CANDIDATE
from components.evaluator.evaluation import read_evaluation
from pipeline.commands import recommendation
from pipeline.commands.query_builder import allow_repeats
from pipeline.commands.title_lookup import load_title_lookup
from pipeline.report import diagnostics
from pipeline.report.html_page import render_lines
from pipeline.report.html_page import render_page
from pipeline.report.html_page import render_table
from pipeline.report.html_page import render_text
from pipeline.report.training_curves import load_training_curves
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import PipelineRun
from pipeline.runs.run_history import RunHistory
from pipeline.runs.user_history import find_heaviest_user
from pipeline.runs.user_history import keep_first_event
from pipeline.runs.user_history import load_user_history
from pipeline.runs.verdict import MODEL_EVALUATION
from pipeline.runs.verdict import describe_threshold
from pipeline.runs.verdict import read_verdict
from schemas.events import SPLITS
from serving.query import Constraints
from serving.query import Query

_NUM_SLATE_ITEMS = 10
_ABSENT = "The last run did not get that far."


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
    sections: list[tuple[str, Callable[[], str]]] = [
        ("Run", lambda: _render_run(run)),
        ("Rejected rows", lambda: _render_rejects(run)),
        ("Data statistics", lambda: _render_statistics(run)),
        ("Anomalies", lambda: _render_anomalies(run)),
        ("Behaviour", lambda: _render_behaviour(run)),
        ("Learning curves", lambda: _render_training(run)),
        ("Metrics per slice", lambda: _render_metrics(run)),
        ("Against peers", lambda: _render_peers(run, evidence)),
        ("Calibration", lambda: diagnostics.render_calibration(evidence)),
        ("Popularity", lambda: diagnostics.render_popularity_bias(evidence)),
        ("Item map", lambda: diagnostics.render_embedding_map(evidence)),
        ("Nearest titles", lambda: diagnostics.render_nearest_items(evidence)),
        ("Example slates", lambda: _render_slates(folder)),
    ]
    page = render_page(
        f"Tastemaker: run {run.run_id}",
        [(heading, _render(render)) for heading, render in sections],
    )
    output_path.parent.mkdir(parents=True, exist_ok=True)
    output_path.write_text(page, encoding="utf-8")


def _render(render: Callable[[], str]) -> str:
    try:
        return render()
    except diagnostics.MissingEvidenceError as error:
        return render_text(str(error))


def _render_run(run: PipelineRun) -> str:
    verdict = read_verdict(run)
    rows = [(node.node_id, node.state, node.seconds) for node in run.nodes]
    return render_lines(verdict.describe()) + render_table(
        ("node", "state", "seconds"), rows
    )


def _render_rejects(run: PipelineRun) -> str:
    rejects = run.find_output("schemas.Rejects")
    if rejects is None:
        return render_text(_ABSENT)
    counts = json.loads((rejects.path / "counts.json").read_text())
    rows = [
        (
            table,
            count["read"],
            count["used"],
            "; ".join(f"{r}: {n}" for r, n in count["rejected"].items()),
        )
        for table, count in counts.items()
    ]
    return render_table(("table", "rows read", "used", "rejected"), rows)


def _render_statistics(run: PipelineRun) -> str:
    artifact = run.find_output("ExampleStatistics")
    if artifact is None:
        return render_text(_ABSENT)
    html = ""
    for split in SPLITS:
        path = artifact.path / f"Split-{split}" / "FeatureStats.pb"
        statistics = statistics_pb2.DatasetFeatureStatisticsList()
        statistics.ParseFromString(path.read_bytes())
        for dataset in statistics.datasets:
            html += render_text(f"{split}: {dataset.num_examples:,} windows")
            if split == SPLITS[0]:
                html += render_table(
                    ("feature", "present", "values each", "unique", "range"),
                    [_describe_feature(f) for f in dataset.features],
                )
    return html


def _describe_feature(
    feature: statistics_pb2.FeatureNameStatistics,
) -> tuple[str, int, float, int | None, str]:
    kind = feature.WhichOneof("stats")
    stats = getattr(feature, kind)
    unique, span = None, ""
    if kind == "string_stats":
        unique = int(stats.unique)
    elif kind == "num_stats":
        span = f"{stats.min:g} to {stats.max:g}, mean {stats.mean:.4g}"
    name = feature.name or ".".join(feature.path.step)
    common = stats.common_stats
    return (
        name,
        int(common.num_non_missing),
        float(common.avg_num_values),
        unique,
        span,
    )


def _render_anomalies(run: PipelineRun) -> str:
    artifact = run.find_output("ExampleAnomalies")
    if artifact is None:
        return render_text(_ABSENT)
    rows = []
    for split in SPLITS:
        path = artifact.path / f"Split-{split}" / "SchemaDiff.pb"
        if not path.exists():
            continue
        anomalies = anomalies_pb2.Anomalies()
        anomalies.ParseFromString(path.read_bytes())
        rows += [
            (split, name, info.short_description, info.description)
            for name, info in sorted(anomalies.anomaly_info.items())
        ]
    if not rows:
        return render_text("The data fits the curated schema.")
    return render_table(("split", "feature", "anomaly", "details"), rows)


def _render_behaviour(run: PipelineRun) -> str:
    artifact = run.find_output("schemas.BehaviorReport")
    if artifact is None:
        return render_text(_ABSENT)
    report = json.loads((artifact.path / "report.json").read_text())
    rows = [
        (
            check,
            result["count"],
            result["share"],
            result["threshold"],
            result["action"],
            result["ok"],
        )
        for check, result in report.items()
    ]
    return render_table(
        ("check", "count", "share", "allowed", "action", "ok"), rows
    )


def _render_training(run: PipelineRun) -> str:
    artifact = run.find_output("ModelRun")
    if artifact is None:
        return render_text(_ABSENT)
    return diagnostics.render_learning_curves(
        load_training_curves(artifact.path)
    )


def _render_metrics(run: PipelineRun) -> str:
    artifact = run.find_output(MODEL_EVALUATION)
    if artifact is None:
        return render_text(_ABSENT)
    evaluation = read_evaluation(str(artifact.path))
    names = sorted(
        {
            name
            for models in evaluation["metrics"].values()
            for name in models.get(CANDIDATE, {})
        }
    )
    rows = []
    for slice_name, models in evaluation["metrics"].items():
        for model in (CANDIDATE, BASELINE):
            if model in models:
                values = [models[model].get(name) for name in names]
                label = "this run" if model == CANDIDATE else "served before"
                rows.append((slice_name or "all queries", label, *values))
    missed = [t for t in evaluation["thresholds"] if not t["ok"]]
    return render_table(("slice", "model", *names), rows) + "".join(
        render_text(describe_threshold(threshold), is_bad=True)
        for threshold in missed
    )


def _render_peers(run: PipelineRun, evidence: diagnostics.Evidence) -> str:
    artifact = run.find_output(MODEL_EVALUATION)
    if artifact is None:
        return diagnostics.render_peers(evidence, [OVERALL])
    slice_names = read_evaluation(str(artifact.path))["metrics"]
    return diagnostics.render_peers(evidence, slice_names)


def _render_slates(folder: RunFolder) -> str:
    try:
        version_path = recommendation.find_served_version(folder)
    except FileNotFoundError as error:
        return render_text(str(error))
    titles = load_title_lookup(version_path)
    examples_path = recommendation.find_examples(folder)
    user_id = find_heaviest_user(examples_path)
    heavy = load_user_history(examples_path, user_id)
    asked = (
        (
            f"User {user_id}, the heaviest",
            heavy.query,
            allow_repeats(folder, heavy.constraints),
        ),
        (
            "A user with one event",
            keep_first_event(heavy),
            allow_repeats(folder, Constraints()),
        ),
        ("A new user", Query(), Constraints()),
    )
    html = render_text(f"Answers of version {version_path.name}.")
    with recommendation.open_client(folder, None) as client:
        for heading, query, constraints in asked:
            slate = client.recommend(query, _NUM_SLATE_ITEMS, constraints)[0]
            html += render_text(heading) + render_lines(
                recommendation.describe_history(query.item_ids, titles)
                + recommendation.describe_slate(slate, query, titles)
            )
    return html
