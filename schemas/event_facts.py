"""What an ingest knows of all its events, before any is sampled.

<examples>/facts.json   {"num_events": 100004, "num_users": 671,
                         "first": 789652009, "last": 1476640644,
                         "num_by_split": {"train": 80003, ...},
                         "num_positive": 51568}
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

EVENT_FACTS_FILE = "facts.json"


@dataclass(frozen=True, kw_only=True)
class EventFacts:
    """Size and span of the events that examples were made of.

    Attributes:
        num_events: those that were used, of all splits.
        num_users: who have one of them at least.
        first: time of the oldest one, seconds since the epoch.
        last: time of the newest one.
        num_by_split: events of each split; {} = an older version wrote it.
        num_positive: events that count as likes; None likewise.
    """

    num_events: int
    num_users: int
    first: int
    last: int
    num_by_split: Mapping[str, int] = field(default_factory=dict)
    num_positive: int | None = None


def dump_event_facts(facts: EventFacts) -> str:
    """Writes the content of the file."""
    return json.dumps(asdict(facts)) + "\n"


def read_event_facts(examples_path: Path) -> EventFacts | None:
    """Reads the facts; None = the examples are older than this file.

    Args:
        examples_path: folder of the `Examples` artifact.
    """
    file = examples_path / EVENT_FACTS_FILE
    if not file.exists():
        return None
    return EventFacts(**json.loads(file.read_text(encoding="utf-8")))
