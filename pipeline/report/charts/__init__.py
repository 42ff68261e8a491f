"""Charts as inline SVG: no script, no other file, both colour schemes."""

from pipeline.report.charts.axis import Axis
from pipeline.report.charts.bar_chart import Bar
from pipeline.report.charts.bar_chart import render_bar_chart
from pipeline.report.charts.line_chart import render_line_chart
from pipeline.report.charts.scatter_chart import Dot
from pipeline.report.charts.scatter_chart import render_scatter_chart

__all__ = [
    "Axis",
    "Bar",
    "Dot",
    "render_bar_chart",
    "render_line_chart",
    "render_scatter_chart",
]
