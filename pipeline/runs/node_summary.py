"""What a node found in the data, for who watches the run. No TensorFlow."""

import json
from collections.abc import Iterator

from components.behavior_example_gen.rejects import HINT
from pipeline.runs.dataset_summary import read_counts
from pipeline.runs.dates import write_span
from pipeline.runs.run_history import PipelineRun
from schemas.event_facts import EventFacts
from schemas.event_facts import read_event_facts

_INGEST, _VALIDATOR = "BehaviorExampleGen", "BehaviorValidator"
DESCRIBED_NODES = (_INGEST, _VALIDATOR)
_BEHAVIOR_REPORT = "schemas.BehaviorReport"


def describe_node(run: PipelineRun, node_id: str) -> list[str]:
    """Writes what a node found, as lines.

    Args:
        run: as ML Metadata remembers it.
        node_id: of a node that is done.

    Returns:
        Nothing for nodes that look at no data, and where files are gone.
    """
    if node_id == _INGEST:
        return [*_describe_tables(run), *_describe_events(run)]
    if node_id == _VALIDATOR:
        return list(_describe_warnings(run))
    return []


def _describe_tables(run: PipelineRun) -> Iterator[str]:
    for table, entry in (read_counts(run) or {}).items():
        parts = [f"{entry['read']:,} rows read", f"{entry['used']:,} used"]
        for name, count in entry.items():
            if name == "rejected" and count:
                parts.append(f"{sum(count.values()):,} rejected")
            elif name not in ("read", "used") and isinstance(count, int):
                parts.append(f"{count:,} {name}")
        yield f"{table}: {', '.join(parts)}"
        for reason, fault in entry.get("faults", {}).items():
            use = "left empty: "
            if reason in entry["rejected"]:
                use = ""
            elif reason.startswith(HINT):
                use = "used as it is: "
            yield f"  {use}{fault}"


def _describe_events(run: PipelineRun) -> Iterator[str]:
    examples = run.find_output("Examples", "examples")
    facts = None if examples is None else read_event_facts(examples.path)
    if facts is None:
        return
    yield f"{facts.num_users:,} users, {write_span(facts.first, facts.last)}"
    if facts.num_by_split:
        sizes = ", ".join(
            f"{split} {count:,}" for split, count in facts.num_by_split.items()
        )
        yield f"events by split: {sizes}"
    yield from _describe_likes(facts)


def _describe_likes(facts: EventFacts) -> Iterator[str]:
    if facts.num_positive is None:
        return
    if not facts.num_positive:
        yield (
            "warning: no event counts as a like; see "
            "`dataset.events.positive_value` and `positive_event_types`"
        )
        return
    share = facts.num_positive / facts.num_events
    yield f"{facts.num_positive:,} events ({share:.0%}) count as likes"


def _describe_warnings(run: PipelineRun) -> Iterator[str]:
    report = run.find_output(_BEHAVIOR_REPORT)
    file = None if report is None else report.path / "report.json"
    if file is None or not file.exists():
        return
    for verdict in json.loads(file.read_text(encoding="utf-8")).values():
        if verdict["ok"]:
            continue
        shown = "; ".join(verdict["offenders"][:1])
        example = f", for example {shown}" if shown else ""
        yield (
            f"warning: {verdict['description']}: {verdict['count']:,} of "
            f"{verdict['population']:,} ({verdict['share']:.1%}){example}"
        )
