"""What was written is read, and examples without it are no error."""

from schemas.event_facts import EVENT_FACTS_FILE
from schemas.event_facts import EventFacts
from schemas.event_facts import dump_event_facts
from schemas.event_facts import read_event_facts


def test_facts_come_back_as_they_were_written(tmp_path):
    facts = EventFacts(
        num_events=4,
        num_users=3,
        first=2,
        last=9,
        num_by_split={"train": 3, "eval": 0, "test": 1},
        num_positive=2,
    )
    (tmp_path / EVENT_FACTS_FILE).write_text(dump_event_facts(facts))
    assert read_event_facts(tmp_path) == facts


def test_facts_of_an_older_version_lack_what_it_did_not_count(tmp_path):
    text = '{"num_events": 4, "num_users": 3, "first": 2, "last": 9}'
    (tmp_path / EVENT_FACTS_FILE).write_text(text)
    facts = read_event_facts(tmp_path)
    assert facts.num_by_split == {}
    assert facts.num_positive is None


def test_examples_from_before_have_none(tmp_path):
    assert read_event_facts(tmp_path) is None
