"""What was written is read, and examples without it are no error."""

from schemas.event_facts import EVENT_FACTS_FILE
from schemas.event_facts import EventFacts
from schemas.event_facts import dump_event_facts
from schemas.event_facts import read_event_facts


def test_facts_come_back_as_they_were_written(tmp_path):
    facts = EventFacts(num_events=4, num_users=3, first=2, last=9)
    (tmp_path / EVENT_FACTS_FILE).write_text(dump_event_facts(facts))
    assert read_event_facts(tmp_path) == facts


def test_examples_from_before_have_none(tmp_path):
    assert read_event_facts(tmp_path) is None
