"""The head of the page: pushed or not, by which figures, against the last."""

from collections.abc import Sequence

from pipeline.report.html_page import Card
from pipeline.report.html_page import render_cards
from pipeline.report.html_page import render_heading
from pipeline.report.html_page import render_text
from pipeline.runs.dataset_summary import DatasetSummary
from pipeline.runs.dates import write_duration
from pipeline.runs.dates import write_moment
from pipeline.runs.figure_names import LATENCY
from pipeline.runs.figure_names import LIKING
from pipeline.runs.figure_names import SEARCH
from pipeline.runs.figure_names import TOUCHING
from pipeline.runs.figure_names import write_figure
from pipeline.runs.figures import Figure
from pipeline.runs.run_history import FAILED
from pipeline.runs.run_history import NodeRun
from pipeline.runs.run_history import PipelineRun
from pipeline.runs.verdict import Verdict

# What each is, for who has not read the docs.
_CARDS = {
    LIKING: "are liked items found? 1 = always first, 0 = not among ten",
    TOUCHING: "is the next item found, liked or not?",
    SEARCH: "typed as a need in words",
    LATENCY: "of a slate, from the model server",
}


def render_headline(
    run: PipelineRun,
    verdict: Verdict,
    figures: Sequence[Figure],
    dataset: DatasetSummary | None,
) -> str:
    """Renders the decision, what failed or was missed, and the main figures.

    Args:
        run: of which the page tells.
        verdict: of its gates.
        figures: of `list_figures`, beside those of the model before.
        dataset: what it learnt from; None = it did not get that far.

    Returns:
        HTML before the sections.
    """
    seconds = sum(node.seconds for node in run.nodes)
    over = (
        f"{run.pipeline_name}, run of {write_moment(run.run_id)},"
        f" {write_duration(seconds)} in all stages"
    )
    broken = [_describe_failure(n) for n in run.nodes if n.state == FAILED]
    is_bad = verdict.is_rejected or bool(broken)
    return (
        render_heading(over, verdict.decision, is_bad)
        + "".join(
            render_text(reason, is_bad=True)
            for reason in (*broken, *verdict.failures)
        )
        + render_text(_describe_gates(figures))
        + render_cards([_make_card(one) for one in _list_main(figures)])
        + (render_text(dataset.describe()) if dataset else "")
    )


def _describe_failure(node: NodeRun) -> str:
    why = " ".join(node.error.split()) or "the log of the run tells why"
    return f"{node.node_id} failed: {why}"


def _list_main(figures: Sequence[Figure]) -> list[Figure]:
    overall = [one for one in figures if not one.slice_name]
    return [one for name in _CARDS for one in overall if one.metric == name]


def _make_card(figure: Figure) -> Card:
    change = figure.write_change()
    before = write_figure(figure.metric, figure.before)
    notes = [_CARDS[figure.metric]]
    if figure.asked:
        notes.append(f"asked for: {figure.asked}")
    if change:
        notes.append(f"before: {before} ({change})")
    return Card(
        name=figure.name[0].upper() + figure.name[1:],
        value=write_figure(figure.metric, figure.value),
        notes=notes,
        is_ok=figure.is_ok,
    )


def _describe_gates(figures: Sequence[Figure]) -> str:
    """Says how many bounds hold, and what the figures are compared with."""
    if not figures:
        return "No gate has measured a figure of this run."
    asked = [one for one in figures if one.is_ok is not None]
    missed = sum(not one.is_ok for one in asked)
    if not asked:
        text = "Nothing is asked of these figures."
    elif missed:
        text = (
            f"Of {len(asked)} figures with a bound, {missed}"
            f" {'is' if missed == 1 else 'are'} not as asked for."
        )
    elif len(asked) == 1:
        text = "The one figure with a bound is as asked for."
    else:
        text = f"All {len(asked)} figures with a bound are as asked for."
    if any(one.before is not None for one in figures):
        return f"{text} “Before” is the model that was served until then."
    return f"{text} No model was served before."
