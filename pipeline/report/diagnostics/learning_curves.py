"""Loss and metrics, epoch by epoch."""

from pipeline.report.charts import Axis
from pipeline.report.charts import render_line_chart
from pipeline.report.html_page import render_figure
from pipeline.report.html_page import render_figures
from pipeline.report.html_page import render_table
from pipeline.report.html_page import render_text
from pipeline.report.training_curves import Curves
from pipeline.runs.figure_names import name_metric

_AGAIN = "_vs_iterations"  # Keras logs the curves of validation twice
_PER_EPOCH = "epoch_"
Lines = dict[str, list[tuple[float, float]]]
_MAX_ROWS = 200  # of a table; a longer one is thinned out evenly


def render_learning_curves(curves: Curves) -> str:
    """Renders one chart a tag, losses first.

    Args:
        curves: as of `load_training_curves`.

    Returns:
        HTML of a section.
    """
    tags = [tag for tag in curves if not tag.endswith(_AGAIN)]
    if not tags:
        return render_text("Training left no curves.")
    tags.sort(key=lambda tag: ("loss" not in tag, tag))
    flat = [tag for tag in tags if _is_flat(curves[tag])]
    words = "".join(render_text(_describe_flat(t, curves[t])) for t in flat)
    drawn = [tag for tag in tags if tag not in flat]
    return words + render_figures([_render_curve(t, curves[t]) for t in drawn])


def _is_flat(lines: Lines) -> bool:
    """Whether there is nothing to see: several points, all at one value."""
    values = [value for line in lines.values() for _, value in line]
    return len(values) > 1 and len(set(values)) == 1


def _describe_flat(tag: str, lines: Lines) -> str:
    value = next(iter(lines.values()))[0][1]
    return f"{tag.removeprefix(_PER_EPOCH)} was {value:.4g} all the time."


def _render_curve(tag: str, lines: Lines) -> str:
    step = "epoch" if tag.startswith(_PER_EPOCH) else "step"
    axes = (Axis(label=step, is_whole=True), Axis(label=""))
    ends = "; ".join(
        f"{name} from {line[0][1]:.4g} to {line[-1][1]:.4g}"
        for name, line in lines.items()
    )
    name = tag.removeprefix(_PER_EPOCH)
    chart = render_line_chart(f"{name} by {step}: {ends}.", axes, lines)
    by_step: dict[float, dict[str, float]] = {}
    for series, line in lines.items():
        for x, y in line:
            by_step.setdefault(x, {})[series] = y
    rows = [
        (int(x), *(by_step[x].get(series) for series in lines))
        for x in sorted(by_step)[:: -(-len(by_step) // _MAX_ROWS)]
    ]
    caption = name_metric(name)
    return render_figure(caption, chart, render_table((step, *lines), rows))
