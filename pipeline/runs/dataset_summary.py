"""What a run learnt from, in a few figures. Free of TensorFlow."""

import json
from dataclasses import dataclass

from pipeline.runs.dates import write_span
from pipeline.runs.run_history import PipelineRun
from schemas.event_facts import EventFacts
from schemas.event_facts import read_event_facts

REJECTS = "schemas.Rejects"
_COUNTS_FILE = "counts.json"


@dataclass(frozen=True, kw_only=True)
class DatasetSummary:
    """Size and span of a dataset.

    Attributes:
        name: of the pipeline's config.
        num_events: that were used.
        num_items: of the catalogue.
        facts: users and span; None = the run is older than that.
    """

    name: str
    num_events: int
    num_items: int
    facts: EventFacts | None

    def describe(self) -> str:
        """Writes it in one line."""
        parts = [f"{self.num_events:,} events"]
        if self.facts is not None:
            parts.append(f"of {self.facts.num_users:,} users")
            span = f", {write_span(self.facts.first, self.facts.last)}"
        else:
            span = ""
        parts.append(f"on {self.num_items:,} items{span}")
        return f"{self.name}: {' '.join(parts)}"


def read_counts(run: PipelineRun) -> dict | None:
    """Reads how many rows of each table came; None = it is not known."""
    artifact = run.find_output(REJECTS)
    if artifact is None:
        return None  # no ingest
    file = artifact.path / _COUNTS_FILE
    if not file.exists():
        return None  # somebody has cleared away
    return json.loads(file.read_text(encoding="utf-8"))


def summarise_dataset(run: PipelineRun) -> DatasetSummary | None:
    """Summarises what a run learnt from.

    Args:
        run: as ML Metadata remembers it.

    Returns:
        The summary; None = it did not get as far as examples, or its files
        are gone.
    """
    counts = read_counts(run)
    examples = run.find_output("Examples", "examples")
    if counts is None or examples is None:
        return None
    return DatasetSummary(
        name=run.pipeline_name,
        num_events=counts.get("events", {}).get("used", 0),
        num_items=counts.get("items", {}).get("used", 0),
        facts=read_event_facts(examples.path),
    )
