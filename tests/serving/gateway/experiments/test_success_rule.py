import pytest

from serving.gateway.experiments.success_rule import SuccessRule


def test_event_type_counts_with_any_value_or_none():
    rule = SuccessRule.parse(["click"])
    assert rule.counts("click", None)
    assert rule.counts("click", -1.0)
    assert not rule.counts("view", None)


def test_least_value_counts_and_below_does_not():
    rule = SuccessRule.parse(["click", "rate >= 4"])
    assert rule.counts("rate", 4.0)
    assert not rule.counts("rate", 3.5)
    assert not rule.counts("rate", None)


def test_unknown_event_type_is_refused():
    with pytest.raises(ValueError, match="Received: clik"):
        SuccessRule.parse(["clik"])


def test_no_rule_is_refused():
    with pytest.raises(ValueError, match="Received: nothing"):
        SuccessRule.parse([])


def test_least_value_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="Received: 'rate>=four'"):
        SuccessRule.parse(["rate>=four"])
