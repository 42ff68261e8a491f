"""Counts against thresholds."""

import pytest

from components.behavior_validator.config import CHECKS
from components.behavior_validator.config import BehaviorValidatorConfig
from components.behavior_validator.config import CheckConfig
from components.behavior_validator.tally import Tally
from components.behavior_validator.verdict import BehaviorError
from components.behavior_validator.verdict import judge
from components.behavior_validator.verdict import raise_if_stopped


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
