"""What an ingest knows of all its events, before any is sampled.

<examples>/facts.json   {"num_events": 100004, "num_users": 671,
                         "first": 789652009, "last": 1476640644,
                         "num_by_split": {"train": 80003, ...},
                         "num_positive": 51568,
                         "order": "time", "num_of_unknown_users": null}
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
        first: time of the oldest one, seconds since the epoch; None = it is
            not known when they were.
        last: time of the newest one, likewise.
        num_by_split: events of each split; {} = an older version wrote it.
        num_positive: events that count as likes; None likewise.
        order: of a user's events: "time"; "file" = by their rows, so that two
            that look alike are two; or "none".
        num_of_unknown_users: events of users whom the users table lacks; None
            = there is no such table.
    """

    num_events: int
    num_users: int
    first: int | None
    last: int | None
    num_by_split: Mapping[str, int] = field(default_factory=dict)
    num_positive: int | None = None
    order: str = "time"
    num_of_unknown_users: int | None = None


def dump_event_facts(facts: EventFacts) -> str:
    """Writes the content of the file."""
    return json.dumps(asdict(facts)) + "\n"


def load_event_facts(text: str) -> EventFacts:
    """Reads what `dump_event_facts` wrote, now or in an older version."""
    return EventFacts(**json.loads(text))


def read_event_facts(examples_path: Path) -> EventFacts | None:
    """Reads the facts; None = the examples are older than this file.

    Args:
        examples_path: folder of the `Examples` artifact.
    """
    file = examples_path / EVENT_FACTS_FILE
    if not file.exists():
        return None
    return load_event_facts(file.read_text(encoding="utf-8"))
