"""What came in: rows that were rejected, features, anomalies, behaviour."""

import json

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tensorflow_metadata.proto.v0 import statistics_pb2

from pipeline.report.html_page import render_table
from pipeline.report.html_page import render_text
from pipeline.runs.dataset_summary import read_counts
from pipeline.runs.dates import write_day
from pipeline.runs.run_history import PipelineRun
from schemas import events

ABSENT = "The last run did not get that far."
_MOMENTS = (events.TIMESTAMP, events.LABEL_FEATURES[events.TIMESTAMP])


def render_rejects(run: PipelineRun) -> str:
    """Renders how many rows of each table were used."""
    counts = read_counts(run)
    if counts is None:
        return render_text(ABSENT)
    rows = [
        (
            table,
            count["read"],
            count["used"],
            "; ".join(f"{r}: {n:,}" for r, n in count["rejected"].items())
            or "none",
        )
        for table, count in counts.items()
    ]
    return render_table(("table", "rows read", "used", "rejected"), rows)


def render_statistics(run: PipelineRun) -> str:
    """Renders what TFDV counted of each feature."""
    artifact = run.find_output("ExampleStatistics")
    if artifact is None:
        return render_text(ABSENT)
    html = ""
    for split in events.SPLITS:
        path = artifact.path / f"Split-{split}" / "FeatureStats.pb"
        statistics = statistics_pb2.DatasetFeatureStatisticsList()
        statistics.ParseFromString(path.read_bytes())
        for dataset in statistics.datasets:
            html += render_text(f"{split}: {dataset.num_examples:,} windows")
            if split == events.SPLITS[0]:
                html += render_table(
                    ("feature", "present", "values each", "unique", "range"),
                    [_describe_feature(f) for f in dataset.features],
                    is_stacked=True,
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
    name = feature.name or ".".join(feature.path.step)
    if kind == "num_stats" and name in _MOMENTS:
        span = f"{write_day(int(stats.min))} to {write_day(int(stats.max))}"
    elif kind == "num_stats":
        span = f"{stats.min:g} to {stats.max:g}, mean {stats.mean:.4g}"
    common = stats.common_stats
    return (
        name,
        int(common.num_non_missing),
        float(common.avg_num_values),
        unique,
        span,
    )


def render_anomalies(run: PipelineRun) -> str:
    """Renders what does not fit the curated schema."""
    artifact = run.find_output("ExampleAnomalies")
    if artifact is None:
        return render_text(ABSENT)
    rows = []
    for split in events.SPLITS:
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


def render_behaviour(run: PipelineRun) -> str:
    """Renders the checks of BehaviorValidator."""
    artifact = run.find_output("schemas.BehaviorReport")
    if artifact is None:
        return render_text(ABSENT)
    report = json.loads((artifact.path / "report.json").read_text())
    rows = [
        (
            result["description"],
            result["count"],
            _write_share(result["share"]),
            _write_share(result["threshold"]),
            result["action"],
            result["ok"],
        )
        for result in report.values()
    ]
    return render_table(
        ("check", "count", "share", "allowed", "action", "ok"),
        rows,
        is_stacked=True,
    )


def _write_share(share: float) -> str:
    """Writes 0.00007 as "0.007%"."""
    return f"{100 * share:.3f}".rstrip("0").rstrip(".") + "%"
