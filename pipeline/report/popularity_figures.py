"""What showing everybody the most popular items would have reached."""

import json
from collections.abc import Sequence

import numpy as np

from pipeline.report.diagnostics.evidence import Evidence
from pipeline.report.diagnostics.rank_gains import compute_ndcg_gains
from pipeline.report.diagnostics.rank_gains import compute_recall_gains
from pipeline.report.diagnostics.recorded_behavior import RecordedQueries
from pipeline.runs.figure_names import LIKING
from pipeline.runs.figure_names import TOUCHING
from pipeline.runs.figure_names import write_figure
from pipeline.runs.figures import MODEL_EVALUATION
from pipeline.runs.figures import POPULARITY_FILE
from pipeline.runs.figures import Figure
from pipeline.runs.figures import find_pushed_before
from pipeline.runs.figures import list_figures
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import PipelineRun
from pipeline.runs.run_history import RunHistory

_HEADLINES = (LIKING, TOUCHING, "recall_at_10")


def describe_last_run(folder: RunFolder) -> list[str]:
    """Writes the main figures of the newest run of a folder.

    Args:
        folder: the state of a pipeline that has run.

    Returns:
        "NDCG@10: 0.064, popularity 0.021, before 0.062 (+0.002)"; nothing
        where its model was not evaluated.
    """
    runs = RunHistory(folder.metadata_path).load_runs()
    record_popularity(runs[-1])
    before = find_pushed_before(runs, runs[-1])
    return describe_headlines(list_figures(runs[-1], before))


def describe_headlines(figures: Sequence[Figure]) -> list[str]:
    """Writes the main figures, each beside popularity and the last model.

    Args:
        figures: of `list_figures`.

    Returns:
        One line a figure of all queries.
    """
    lines = []
    for figure in figures:
        if figure.slice_name or figure.metric not in _HEADLINES:
            continue
        parts = [f"{figure.name}: {write_figure(figure.metric, figure.value)}"]
        if figure.popularity is not None:
            known = write_figure(figure.metric, figure.popularity)
            parts.append(f"popularity {known}")
        if change := figure.write_change():
            before = write_figure(figure.metric, figure.before)
            parts.append(f"before {before} ({change})")
        lines.append(", ".join(parts))
    return lines


def record_popularity(run: PipelineRun) -> None:
    """Measures popularity on the test queries and keeps it for `figures`.

    Nothing is done for a run without an evaluation, or where it is there.

    Args:
        run: as ML Metadata remembers it.
    """
    evaluation = run.find_output(MODEL_EVALUATION)
    if evaluation is None or not evaluation.path.is_dir():
        return
    file = evaluation.path / POPULARITY_FILE
    if file.exists():
        return
    evidence = Evidence(run)
    ranks = rank_by_popularity(evidence.train.counts, evidence.test_queries)
    if not len(ranks):
        return
    figures = {
        "ndcg_at_10": compute_ndcg_gains(ranks).mean(),
        "recall_at_10": compute_recall_gains(ranks).mean(),
    }
    liked = ranks[evidence.test_queries.is_positive]
    if len(liked):
        figures["liked_ndcg_at_10"] = compute_ndcg_gains(liked).mean()
    file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def rank_by_popularity(
    counts: np.ndarray, queries: RecordedQueries
) -> np.ndarray:
    """Ranks each true item among those that a slate might show.

    Args:
        counts: int64 `[N]`, train events of each item.
        queries: Q of them.

    Returns:
        float64 `[Q]`, 1-based; ties count against the true item, and N + 1
        is one outside the catalogue, or one that is no candidate.
    """
    ascending = np.sort(counts)
    ranks = np.full(len(queries.targets), queries.num_items + 1.0)
    for row, target in enumerate(queries.targets):
        met = queries.met[row]
        if target == queries.num_items or target in met:
            continue
        own = counts[target]
        as_popular = len(counts) - np.searchsorted(ascending, own)
        # It is among them itself, which makes its place count from 1.
        ranks[row] = as_popular - np.count_nonzero(counts[met] >= own)
    return ranks
