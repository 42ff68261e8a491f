import math

import pytest
import yaml
from pydantic import ValidationError

from serving.gateway.ranking.ranking_config import BoostRule
from serving.gateway.ranking.ranking_config import BuryRule
from serving.gateway.ranking.ranking_config import CapRule
from serving.gateway.ranking.ranking_config import PinRule
from serving.gateway.ranking.ranking_config import PolicyConfig
from serving.gateway.ranking.ranking_config import RankingConfig

_YAML = """
policies:
  shop:
    weights: {model: 1.0, freshness: 0.5}
    learns: true
    diversity: {method: dpp, weight: 0.3}
    rules:
      - {kind: pin, item_id: a, position: 2}
      - {kind: boost, categories: [War], factor: 2.0, ends_at: 100}
      - {kind: bury, item_ids: [b], is_dropped: true}
      - {kind: cap, max_items: 3}
scenarios: {checkout: shop}
default_policy: shop
"""


def test_yaml_tells_rules_apart_by_kind():
    config = RankingConfig(**yaml.safe_load(_YAML))
    assert config.policies["shop"].rules == (
        PinRule(item_id="a", position=2),
        BoostRule(categories={"War"}, factor=2.0, ends_at=100),
        BuryRule(item_ids={"b"}, is_dropped=True),
        CapRule(max_items=3),
    )
    assert config.policies["shop"].diversity.method == "dpp"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("learns:", "learn:", "learn\n"),
        ("freshness:", "fresh:", "fresh"),
        ("kind: cap", "kind: cup", "'cup'"),
        ("factor: 2.0", "factor: 0.0", "factor"),
        ("categories: [War], ", "", "must name something. Received: neither"),
        ("max_items: 3", "max_items: -1", "max_items"),
        ("weight: 0.3", "weight: 1.3", "weight"),
        ("model: 1.0", "model: 9.0", "model"),
        ("ends_at: 100", "ends_at: .nan", "Received: begins_at=-inf, ends_at"),
        ("default_policy: shop", "default_policy: shp", "Received: shp"),
        ("checkout: shop", "checkout: chop", "Received: chop"),
    ],
)
def test_mistake_stops_with_its_name(old, new, says):
    assert old in _YAML
    with pytest.raises(ValidationError, match=says):
        RankingConfig(**yaml.safe_load(_YAML.replace(old, new)))


def test_rule_holds_from_its_first_second_to_before_its_last():
    rule = CapRule(max_items=1, begins_at=10.0, ends_at=20.0)
    held = [rule.is_active(now) for now in (9.9, 10.0, 19.9, 20.0)]
    assert held == [False, True, True, False]


def test_rule_without_times_always_holds():
    assert all(
        CapRule(max_items=1).is_active(now) for now in (-1e18, 0.0, 1e18)
    )
    assert not CapRule(max_items=1).is_active(math.nan)


def test_selection_matches_by_id_or_category():
    rule = BuryRule(categories={"War"}, item_ids={"a"})
    assert rule.matches("a", ())
    assert rule.matches("b", ("Drama", "War"))
    assert not rule.matches("b", ("Drama",))


def test_config_of_nothing_learns_and_keeps_a_fixed_blend_beside():
    config = RankingConfig()
    assert config.policies[config.default_policy].learns
    assert not config.policies["fixed"].learns
    weights = {name: one.weights for name, one in config.policies.items()}
    default = {"model": 1.0, "probability": 0.5}
    assert weights == {"fixed": default, "learnt": default}


def test_shares_of_slates_that_explore_are_at_most_all_of_them():
    half = {"share": 0.5}
    assert PolicyConfig(exploration=0.5, new_items=half).new_items.share == 0.5
    with pytest.raises(ValidationError, match=r"together. Received: 0.6 and"):
        PolicyConfig(exploration=0.6, new_items=half)


def test_new_items_are_not_explored_unless_somebody_says_so():
    policies = RankingConfig().policies.values()
    assert [one.new_items.share for one in policies] == [0.0, 0.0]
