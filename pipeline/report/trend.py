"""The main figures, run by run."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.charts import Axis
from pipeline.report.charts import render_line_chart
from pipeline.report.html_page import render_figure
from pipeline.report.html_page import render_figures
from pipeline.report.html_page import render_table
from pipeline.report.html_page import render_text
from pipeline.runs.dates import write_moment
from pipeline.runs.figure_names import LATENCY
from pipeline.runs.figure_names import LIKING
from pipeline.runs.figure_names import SEARCH
from pipeline.runs.figure_names import TOUCHING
from pipeline.runs.figure_names import name_metric
from pipeline.runs.figure_names import write_figure
from pipeline.runs.figures import MODEL_EVALUATION
from pipeline.runs.figures import list_figures
from pipeline.runs.run_history import PipelineRun
from pipeline.runs.verdict import read_verdict

_COLUMNS = (LIKING, TOUCHING, SEARCH, LATENCY)
_CHARTS = {"NDCG@10": (LIKING, TOUCHING), "Items found": (SEARCH,)}
_MAX_RUNS = 50  # the newest ones


@dataclass(frozen=True)
class JudgedRun:
    """A run whose model was judged.

    Attributes:
        moment: when it began, in words.
        decision: what became of the model, in words.
        values: metric to value, of all queries.
    """

    moment: str
    decision: str
    values: dict[str, float | None]


def list_judged_runs(runs: Sequence[PipelineRun]) -> list[JudgedRun]:
    """Lists the runs that judged a model, oldest first.

    A run that takes the evaluation from the cache judges no model anew.
    """
    judged = {}
    for run in runs:
        evaluation = run.find_output(MODEL_EVALUATION)
        if evaluation is not None:
            judged.setdefault(evaluation.uri, []).append(run)
    return [
        JudgedRun(
            moment=write_moment(same[0].run_id),
            # The last one may have pushed what the first one did not.
            decision=_describe_decision(same[-1]),
            values={
                one.metric: one.value
                for one in list_figures(same[-1])
                if not one.slice_name
            },
        )
        for same in list(judged.values())[-_MAX_RUNS:]
    ]


def render_trend(runs: Sequence[JudgedRun]) -> str:
    """Renders the figures of runs, as lines and as a table.

    Args:
        runs: oldest first, each with its own test queries.
    """
    if not runs:
        return render_text("No run has judged a model yet.")
    rows = [
        (
            run.moment,
            number,
            run.decision,
            *(write_figure(name, run.values.get(name)) for name in _COLUMNS),
        )
        for number, run in enumerate(runs, start=1)
    ]
    table = render_table(
        ("began", "run", "model", *map(name_metric, _COLUMNS)),
        rows,
        is_stacked=True,
    )
    if len(runs) == 1:
        text = "One run has judged a model; those to come are drawn beside it."
        return render_text(text) + table
    text = (
        "Each run judges its model on its own test split: where data were"
        " added, the queries are others."
    )
    charts = [_draw(caption, names, runs) for caption, names in _CHARTS.items()]
    return render_text(text) + render_figures(charts) + table


def _draw(caption: str, names: Sequence[str], runs: Sequence[JudgedRun]) -> str:
    lines = {
        name_metric(name): points
        for name in names
        if (
            points := [
                (number, run.values[name])
                for number, run in enumerate(runs, start=1)
                if run.values.get(name) is not None
            ]
        )
    }
    if not lines:
        return ""
    ends = "; ".join(
        f"{name} from {points[0][1]:.4g} to {points[-1][1]:.4g}"
        for name, points in lines.items()
    )
    is_share = names == (SEARCH,)
    axes = (
        Axis(label="run", is_whole=True, low=0.5, high=len(runs) + 0.5),
        Axis(
            label="",
            low=0.0,
            high=1.05 if is_share else None,
            is_share=is_share,
        ),
    )
    chart = render_line_chart(f"{caption} by run: {ends}.", axes, lines)
    return render_figure(f"{caption} by run", chart)


def _describe_decision(run: PipelineRun) -> str:
    verdict = read_verdict(run)
    if verdict.is_rejected:
        return "not pushed"
    if verdict.is_pushed:
        return f"pushed as {verdict.pushed_version}"
    return "judged only"
