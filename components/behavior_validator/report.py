"""Writes the verdicts as HTML and as JSON."""

import html
import json
from dataclasses import asdict

from components.behavior_validator.verdict import Verdict

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
       max-width: 62rem; padding: 0 1rem; color: #222; background: #fff; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #ddd; padding: .45rem .6rem;
         text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.passed { color: #1a7f37; } .warned { color: #9a6700; }
.stopped { color: #cf222e; font-weight: bold; }
small { color: #666; } ul { margin: .2rem 0; padding-left: 1.1rem; }
"""


def render_json(verdicts: list[Verdict]) -> str:
    """Renders {check: {count, share, threshold, action, ok, ...}}."""
    report = {}
    for verdict in verdicts:
        fields = asdict(verdict)
        report[fields.pop("check")] = fields
    return json.dumps(report, indent=2)


def render_html(verdicts: list[Verdict]) -> str:
    """Renders a page that needs no other file; all data is escaped."""
    num_faults = sum(not verdict.ok for verdict in verdicts)
    if num_faults:
        summary = f"{num_faults} of {len(verdicts)} checks found too much."
    else:
        summary = f"All {len(verdicts)} checks passed."
    rows = "\n".join(map(_render_row, verdicts))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Behaviour data</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Behaviour data</h1>
<p>{summary}</p>
<table>
<thead><tr><th>Check</th><th>Verdict</th><th>Found</th><th>Of</th>
<th>Share</th><th>Allowed</th><th>Beyond that</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def _render_row(verdict: Verdict) -> str:
    if not verdict.population:
        outcome, label = "absent", "nothing to check"
    elif verdict.ok:
        outcome, label = "passed", "passed"
    elif verdict.action == "stop":
        outcome, label = "stopped", "stops the run"
    else:
        outcome, label = "warned", "warning"
    offenders = "".join(
        f"<li><small>{html.escape(name)}</small></li>"
        for name in verdict.offenders
    )
    shown = f"<ul>{offenders}</ul>" if offenders else ""
    return (
        f"<tr><td>{html.escape(verdict.check)}<br>"
        f"<small>{html.escape(verdict.description)}</small>{shown}</td>"
        f'<td class="{outcome}">{label}</td>'
        f'<td class="number">{verdict.count:,}</td>'
        f'<td class="number">{verdict.population:,}</td>'
        f'<td class="number">{verdict.share:.3%}</td>'
        f'<td class="number">{verdict.threshold:.3%}</td>'
        f"<td>{html.escape(verdict.action)}</td></tr>"
    )
