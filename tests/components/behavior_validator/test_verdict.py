"""Counts against thresholds."""

import pytest

from components.behavior_validator.config import CHECKS
from components.behavior_validator.config import BehaviorValidatorConfig
from components.behavior_validator.config import CheckConfig
from components.behavior_validator.tally import Tally
from components.behavior_validator.verdict import BehaviorError
from components.behavior_validator.verdict import apply_facts
from components.behavior_validator.verdict import judge
from components.behavior_validator.verdict import raise_if_stopped
from schemas.event_facts import EventFacts

_TALLIES = {
    name: Tally(1, 10)
    for name in (
        "future_events",
        "inhuman_users",
        "duplicate_events",
        "events_in_two_splits",
        "emails",
    )
}


def _judge_unknown_items(tally, max_share, action):
    rule = CheckConfig(max_share=max_share, action=action)
    config = BehaviorValidatorConfig(unknown_items=rule, num_shown=1)
    verdicts = judge({"unknown_items": tally}, config)
    (verdict,) = [v for v in verdicts if v.check == "unknown_items"]
    return verdict


def test_share_decides():
    tally = Tally(1, 4, ("a", "b"))
    assert _judge_unknown_items(tally, 0.25, "stop").ok
    verdict = _judge_unknown_items(tally, 0.2, "stop")
    assert not verdict.ok
    assert verdict.share == 0.25
    assert verdict.offenders == ("a",)


def test_nothing_counted_passes():
    verdicts = judge({}, BehaviorValidatorConfig())
    assert [verdict.check for verdict in verdicts] == list(CHECKS)
    assert all(verdict.ok for verdict in verdicts)


def test_warning_does_not_stop_the_run():
    raise_if_stopped([_judge_unknown_items(Tally(1, 4), 0.0, "warn")])


def test_stop_gives_every_figure():
    verdict = _judge_unknown_items(Tally(1, 4, ("user u",)), 0.2, "stop")
    with pytest.raises(
        BehaviorError,
        match=r"unknown_items .*: 1 of 4, share 0.25, allowed 0.2, .*user u",
    ):
        raise_if_stopped([verdict])


def test_ids_that_are_addresses_are_masked():
    verdict = _judge_unknown_items(Tally(1, 4, ("user j@x.org",)), 0.2, "stop")
    assert verdict.offenders == ("user j***@***",)


def _facts(first, order, unknown=None):
    return EventFacts(
        num_events=20,
        num_users=3,
        first=first,
        last=first,
        order=order,
        num_of_unknown_users=unknown,
    )


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        (None, set(_TALLIES)),
        (_facts(7, "time"), set(_TALLIES)),
        (_facts(7, "file"), {"future_events", "inhuman_users", "emails"}),
        (_facts(None, "file"), {"emails"}),
        (_facts(None, "none"), {"emails"}),
    ],
)
def test_checks_that_can_be_told_are_left(facts, left):
    assert set(apply_facts(_TALLIES, facts)) == left


def test_events_of_unknown_users_are_those_that_ingest_counted():
    found = apply_facts({}, _facts(7, "time", unknown=2))
    assert found == {"unknown_users": Tally(2, 20)}
