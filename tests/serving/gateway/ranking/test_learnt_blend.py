import math
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from serving.gateway.ranking.blend_weights import MAX_SCENARIOS
from serving.gateway.ranking.blend_weights import MAX_VERSIONS
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.features import MAX_FEATURE
from serving.gateway.ranking.learnt_blend import LearntBlend
from serving.gateway.ranking.ranking_config import MAX_WEIGHT
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure

_HOME = RankingContext(scenario="home", now=0.0)
_FRESH, _LIKED = {"freshness": 1.0}, {"popularity": 1.0}


def _expose(*features, scenario="home", model_version=0):
    items = tuple(
        ExposedItem(item_id=str(place), score=0.0, features=one)
        for place, one in enumerate(features)
    )
    return Exposure(
        slate_id="s",
        user_id="u",
        timestamp=0.0,
        scenario=scenario,
        model_version=model_version,
        items=items,
    )


def _build(learning_rate=0.04, **weights):
    return LearntBlend(weights or {"model": 1.0}, learning_rate)


def _read(blend, scenario="home"):
    return blend.describe()["weights"][scenario]


def test_fresh_blend_ranks_as_the_fixed_one():
    blend = _build(model=1.0, freshness=-0.5)
    features = [
        {"model": 0.2, "freshness": 1.0},
        {"model": 0.1},
        {"model": 0.4, "freshness": 0.1},
    ]
    scores = blend.score(features, _HOME)
    # 0.2 - 0.5, 0.1 and 0.4 - 0.05, all from the same start.
    assert np.diff(scores) == pytest.approx([0.4, 0.25])
    assert blend.score([], _HOME) == []


def test_one_step_is_that_of_logistic_regression():
    blend = _build(learning_rate=0.1, model=1.0)
    blend.learn(_expose({"model": 2.0}, {"model": -1.0}), {"0": 1.0})
    # Log-odds: 2 - 2 at the top; -1 - 2 - log 2 below it.
    top, below = 1 / (1 + math.exp(0)), 1 / (1 + math.exp(3 + math.log(2)))
    slope = (top - 1.0) * 2.0 + below * -1.0
    # Shared and own weights both move by the rate times the slope.
    assert _read(blend)["model"] == pytest.approx(1.0 - 2 * 0.1 * slope)
    assert _read(blend, "")["model"] == pytest.approx(1.0 - 0.1 * slope)
    moved = (top - 1.0) + below
    assert _read(blend)["intercept"] == pytest.approx(-2.0 - 2 * 0.1 * moved)
    moved = below * math.log(2)
    assert _read(blend)["place"] == pytest.approx(-1.0 - 2 * 0.1 * moved)


def test_half_a_reward_is_the_mean_of_both_steps():
    steps = []
    for reward in (0.0, 0.5, 1.0):
        blend = _build(learning_rate=0.01)
        blend.learn(_expose(_FRESH), {"0": reward})
        steps.append(_read(blend)["freshness"])
    assert steps[1] == pytest.approx((steps[0] + steps[2]) / 2)


def test_what_people_act_upon_gains_weight():
    blend = _build()
    for _ in range(200):
        blend.learn(_expose(_LIKED, _FRESH), {"1": 1.0})
    scores = blend.score([_LIKED, _FRESH], _HOME)
    assert scores[1] > scores[0] + 1.0


def test_slate_without_any_reward_lowers_the_chance():
    blend = _build()
    before = blend.score([_FRESH], _HOME)
    blend.learn(_expose(_FRESH), {})
    assert blend.score([_FRESH], _HOME) < before


def test_scenarios_learn_from_each_other_until_they_know_better():
    blend = _build()
    for _ in range(300):
        blend.learn(_expose(_FRESH, _LIKED, scenario="news"), {"0": 1.0})
        blend.learn(_expose(_FRESH, _LIKED, scenario="shop"), {"1": 1.0})
    news, shop = _read(blend, "news"), _read(blend, "shop")
    assert news["freshness"] > 0.3 > -0.3 > news["popularity"]
    assert shop["popularity"] > 0.3 > -0.3 > shop["freshness"]
    new = RankingContext(scenario="never seen", now=0.0)
    shared = _read(blend, "")
    difference = np.subtract(*blend.score([_FRESH, _LIKED], new))
    assert difference == shared["freshness"] - shared["popularity"]


def test_place_is_not_mistaken_for_taste():
    # People look at place j with chance 1 / (1 + j), and act upon half of
    # what they look at; popular items always stand on top.
    rng = random.Random(0)
    blend = _build(freshness=0.0)
    for _ in range(2000):
        rewards = {
            str(place): 1.0
            for place in range(6)
            if rng.random() < 0.5 / (1 + place)
        }
        slate = [{"popularity": 1.0 - place / 2.5} for place in range(6)]
        blend.learn(_expose(*slate), rewards)
    # Chances of 1/2 and 1/12 are log-odds of 0 and -2.4, 2 units of
    # popularity apart: unaware of the place, it would weigh 1.2.
    assert abs(_read(blend)["popularity"]) < 0.6


def test_blend_follows_people_who_change():
    blend = _build()
    for liked, disliked in ((0, 1), (1, 0)):
        for _ in range(300):
            blend.learn(_expose(_FRESH, _LIKED), {str(liked): 1.0})
        scores = blend.score([_FRESH, _LIKED], _HOME)
        assert scores[liked] > scores[disliked]


def test_weights_stay_bounded_whatever_is_claimed():
    blend = _build(learning_rate=1.0)
    hostile = {"model": math.inf, "freshness": -1e300, "price_fit": math.nan}
    for _ in range(300):
        blend.learn(_expose(hostile, hostile), {"0": 1.0, "1": 1.0})
    weights = blend.describe()["weights"]
    assert all(
        abs(one) <= 2 * MAX_WEIGHT for row in weights.values()
        for one in row.values()
    )  # fmt: skip
    bound = 7 * MAX_FEATURE * 2 * MAX_WEIGHT
    assert all(abs(one) < bound for one in blend.score([hostile], _HOME))


@pytest.mark.parametrize("reward", [-0.1, 1.1, math.nan, math.inf])
def test_reward_outside_its_range_is_refused(reward):
    blend = _build()
    before = blend.dump()
    with pytest.raises(ValueError, match=rf"in \[0, 1\]. Received: {reward}"):
        blend.learn(_expose(_FRESH), {"0": reward})
    assert blend.dump() == before


def test_slate_that_shows_nothing_of_the_blend_teaches_nothing():
    blend = _build()
    before = blend.dump()
    blend.learn(_expose(), {"0": 1.0})
    blend.learn(_expose({}, {}), {"0": 1.0})
    assert blend.dump() == before


def test_reward_of_what_was_not_shown_teaches_nothing():
    with_stranger, without = _build(), _build()
    with_stranger.learn(_expose(_FRESH), {"stranger": 1.0})
    without.learn(_expose(_FRESH), {})
    assert with_stranger.dump() == without.dump()


def test_scenario_that_learnt_longest_ago_makes_room():
    blend = _build()
    names = [f"s{number}" for number in range(MAX_SCENARIOS)]
    for name in (*names, "s0", "one more"):
        blend.learn(_expose(_FRESH, scenario=name), {})
    known = set(blend.describe()["weights"])
    assert known == {"", "one more", *names} - {"s1"}


@pytest.mark.parametrize("scenario", ["", "x" * 513])
def test_scenario_without_a_proper_name_shares_its_weights(scenario):
    blend = _build()
    blend.learn(_expose(_FRESH, scenario=scenario), {})
    assert set(blend.describe()["weights"]) == {""}
    _build().load(blend.dump())


def test_blend_that_is_loaded_goes_on_where_the_other_stopped():
    one, other = _build(), _build(freshness=2.0)
    one.learn(_expose(_FRESH, _LIKED), {"0": 1.0})
    other.load(one.dump())
    assert other.describe() == one.describe()
    features = [_FRESH, _LIKED]
    assert other.score(features, _HOME) == one.score(features, _HOME)


def _share(one, other):
    document = one.dump()
    one.note_kept(document)
    other.load(document)


@pytest.mark.parametrize("num_later", [0, 1])
def test_steps_stay_where_the_others_do_not_know_the_version_yet(num_later):
    mine, theirs = _build(), _build()
    mine.learn(_expose(_FRESH, model_version=7), {"0": 1.0})
    theirs.learn(_expose(_FRESH, model_version=6), {})
    _share(theirs, mine)  # without version 7
    for _ in range(num_later):
        mine.learn(_expose(_FRESH, model_version=7), {"0": 1.0})
    theirs.learn(_expose(_FRESH, model_version=7), {"0": 1.0})
    _share(theirs, mine)  # now with it
    _share(mine, theirs)
    _share(theirs, mine)
    for blend in (mine, theirs):
        found = blend.describe()
        assert found["num_slates_by_version"] == {6: 1, 7: num_later + 2}
        assert found["num_slates"] == num_later + 3


def test_steps_between_a_document_and_its_note_are_counted():
    mine, theirs = _build(), _build()
    document = mine.dump()
    mine.learn(_expose(_FRESH, model_version=7), {"0": 1.0})
    mine.note_kept(document)
    theirs.learn(_expose(_FRESH, model_version=7), {"0": 1.0})
    mine.load(theirs.dump())
    assert mine.describe()["num_slates_by_version"] == {7: 2}


def test_start_of_the_version_used_last_outlives_that_of_one_that_left():
    mine, theirs = _build(), _build()
    for version in range(1, MAX_VERSIONS + 1):
        mine.learn(_expose(_FRESH, model_version=version), {})
    mine.learn(_expose(_FRESH, model_version=1), {})
    mine.learn(_expose(_FRESH, model_version=9), {})  # version 2 makes room
    theirs.learn(_expose(_FRESH, model_version=1), {})
    mine.load(theirs.dump())
    assert mine.describe()["num_slates_by_version"][1] == 3


def test_document_that_is_refused_changes_nothing():
    blend = _build()
    blend.learn(_expose(_FRESH), {"0": 1.0})
    before = blend.dump()
    with pytest.raises(ValueError, match="must be JSON"):
        blend.load(before[:-1])
    assert blend.dump() == before


def test_reset_forgets():
    blend, fresh = _build(), _build()
    blend.learn(_expose(_FRESH), {"0": 1.0})
    assert blend.describe()["num_slates"] == 1
    blend.reset()
    assert blend.describe() == fresh.describe()


def test_no_slate_is_lost_between_threads():
    blend = _build()
    with ThreadPoolExecutor(4) as pool:
        for number in range(400):
            name = f"s{number % 7}"
            pool.submit(blend.learn, _expose(_FRESH, scenario=name), {})
            pool.submit(blend.score, [_FRESH], _HOME)
    assert blend.describe()["num_slates"] == 400
