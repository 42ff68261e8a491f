"""Sections about the model's answers to the queries of the test split."""

from collections.abc import Iterable
from collections.abc import Sequence

from pipeline.report.charts import Axis
from pipeline.report.charts import Bar
from pipeline.report.charts import render_bar_chart
from pipeline.report.charts import render_line_chart
from pipeline.report.diagnostics.calibration import Calibration
from pipeline.report.diagnostics.calibration import compute_calibration
from pipeline.report.diagnostics.evidence import Evidence
from pipeline.report.diagnostics.peers import rank_by_peers
from pipeline.report.diagnostics.popularity_bias import compute_popularity_bias
from pipeline.report.diagnostics.slice_scores import SliceScore
from pipeline.report.diagnostics.slice_scores import compute_slice_scores
from pipeline.report.html_page import render_figure
from pipeline.report.html_page import render_figures
from pipeline.report.html_page import render_table
from pipeline.report.html_page import render_text
from pipeline.runs.figure_names import name_slice

_THIS_RUN = "this run"
_MAX_BAR_GROUPS = 16  # slices drawn, the largest; the table holds them all
_NO_QUERIES = "The test split holds no query."
_PER_CENT = 100


def render_peers(evidence: Evidence, slice_names: Iterable[str]) -> str:
    """Renders bars of NDCG and recall per slice, beside simple peers.

    Args:
        evidence: of a run.
        slice_names: as the evaluation names them; empty = all queries.
    """
    queries = evidence.test_queries
    if not queries.records:
        return render_text(_NO_QUERIES)
    ranks = {_THIS_RUN: evidence.answers.ranks} | rank_by_peers(
        evidence.train, evidence.eval_queries, queries
    )
    scores = compute_slice_scores(ranks, queries, slice_names)
    explanation = (
        f"{_describe_sample(evidence)} Ranked is what a slate might show: the"
        " whole catalogue, without what was met before unless the dataset"
        " repeats. The peers learnt from this run's train"
        " events; their half-life, in events, was chosen on the eval split."
        " EASE knows the 2,000 most popular items only. Whiskers and ± are"
        " standard errors."
    )
    return render_text(explanation) + render_figures(
        [
            _render_bars("NDCG@10 per slice", scores, "ndcg"),
            _render_bars("Recall@10 per slice", scores, "recall"),
        ]
    )


def render_calibration(evidence: Evidence) -> str:
    """Renders predicted probabilities against shares of successes."""
    queries = evidence.test_queries
    if not queries.records:
        return render_text(_NO_QUERIES)
    found = compute_calibration(
        evidence.answers.probability, queries.is_positive
    )
    summary = (
        f"Expected calibration error {found.expected_error:.4f}, Brier score"
        f" {found.brier_score:.4f}; predicted on average"
        f" {found.predicted:.3f}, observed {found.observed:.3f}."
    )
    explanation = (
        f"{_describe_sample(evidence)} The model was asked how likely the"
        " event that came next is a success. On the dashed line it is right"
        " on average; upright bars are 95% intervals."
    )
    return (
        render_text(summary)
        + render_text(explanation)
        + _draw_calibration(found, summary)
    )


def render_popularity_bias(evidence: Evidence) -> str:
    """Renders shares of slates against shares of train events."""
    if not evidence.test_queries.records:
        return render_text(_NO_QUERIES)
    found = compute_popularity_bias(
        evidence.train.counts,
        evidence.answers.slates,
        evidence.test_queries.targets,
    )
    rows = [
        (
            one.bucket,
            one.num_items,
            one.num_shown,
            *(_to_per_cent(x) for x in (one.train, one.shown, one.wanted)),
        )
        for one in found.buckets
    ]
    head = found.buckets[0]
    alt = (
        f"The {head.num_items} most popular items hold {head.train:.0%} of the"
        f" train events, {head.shown:.0%} of the recommendations and"
        f" {head.wanted:.0%} of the test events."
    )
    axes = tuple(
        Axis(label=label, low=0.0, high=1.0, is_share=True)
        for label in (
            "share of train events, most popular items first",
            "share of the same items",
        )
    )
    chart = render_line_chart(alt, axes, found.curves, ((0, 0), (1, 1)))
    header = ("items", "number", "in a slate", "of train events")
    table = render_table(
        (*header, "of recommendations", "of test events"),
        rows,
        is_stacked=True,
    )
    explanation = (
        f"{_describe_sample(evidence)} {alt} A curve above the dashed line"
        " favours popular items over their share of the train events; the"
        " curve of the test events is what people took next. Buckets are"
        " thirds of the train events; shares are per cent."
    )
    figure = render_figure("Popularity of what is recommended", chart)
    return render_text(explanation) + render_figures([figure, table])


def _describe_sample(evidence: Evidence) -> str:
    num_queries, step = (
        len(evidence.test_queries.records),
        evidence.test_queries.step,
    )
    if step == 1:
        text = f"All {num_queries:,} queries of the test split."
    else:
        text = f"{num_queries:,} queries: one in {step} of the test split."
    if evidence.train.step > 1:
        text += f" One in {evidence.train.step} train windows was read."
    return text


def _render_bars(
    caption: str, scores: Sequence[SliceScore], metric: str
) -> str:
    sizes = {score.slice_name: score.num_queries for score in scores}
    drawn = sorted(sizes, key=lambda name: -sizes[name])[:_MAX_BAR_GROUPS]
    groups = {
        f"{name_slice(name)} ({sizes[name]:,})": [
            Bar(*getattr(score, metric))
            for score in scores
            if score.slice_name == name
        ]
        for name in sizes
        if name in drawn
    }
    series = list(dict.fromkeys(score.recommender for score in scores))
    overall = "; ".join(
        f"{score.recommender} {getattr(score, metric)[0]:.4f}"
        for score in scores
        if not score.slice_name
    )
    alt = f"{caption}. Over all queries: {overall}."
    label = caption.split()[0]
    table = render_table(
        ("slice", "recommender", "queries", label, "±"),
        [
            (
                name_slice(score.slice_name),
                score.recommender,
                score.num_queries,
                *getattr(score, metric),
            )
            for score in scores
        ],
    )
    chart = render_bar_chart(alt, label, series, groups)
    return render_figure(caption, chart, table)


def _draw_calibration(found: Calibration, alt: str) -> str:
    axes = tuple(
        Axis(label=label, low=0.0, high=1.0, is_share=True)
        for label in ("predicted probability", "share of successes")
    )
    chart = render_line_chart(
        alt,
        axes,
        {"observed": [(one.predicted, one.observed) for one in found.bins]},
        guide=((0, 0), (1, 1)),
        intervals=[(one.predicted, *one.interval) for one in found.bins],
    )
    rows = [
        (
            f"{one.low:.1f} to {one.high:.1f}",
            one.num_queries,
            one.predicted,
            one.observed,
            "{:.3f} to {:.3f}".format(*one.interval),
        )
        for one in found.bins
    ]
    table = render_table(
        ("probability", "queries", "mean predicted", "observed", "95%"),
        rows,
        is_stacked=True,
    )
    figure = render_figure("Predicted against observed success", chart)
    return render_figures([figure, table])


def _to_per_cent(share: float) -> float:
    return round(_PER_CENT * share, 1)
