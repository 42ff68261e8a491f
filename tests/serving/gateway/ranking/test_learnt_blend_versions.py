"""Blends learn apart by version of the model, and together over processes."""

import dataclasses

import pytest

from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.learnt_blend import LearntBlend
from serving.gateway.records.exposure import ExposedItem
from serving.gateway.records.exposure import Exposure

_HOME = RankingContext(scenario="home", now=0.0)
_FRESH, _LIKED = {"freshness": 1.0}, {"popularity": 1.0}


def _build(learning_rate=0.04, carried_over=1.0):
    return LearntBlend({"model": 1.0}, learning_rate, carried_over)


def _learn(blend, version, *, num_slates=1, takes="0"):
    items = tuple(
        ExposedItem(item_id=str(place), score=0.0, features=one)
        for place, one in enumerate((_FRESH, _LIKED))
    )
    exposure = Exposure(
        slate_id="s",
        user_id="u",
        timestamp=0.0,
        scenario="home",
        model_version=version,
        items=items,
    )
    for _ in range(num_slates):
        blend.learn(exposure, {takes: 1.0})


def _read(blend):
    return blend.describe()["weights"]["home"]["freshness"]


def _score(blend, version):
    """How much better what is fresh is than what is liked."""
    context = dataclasses.replace(_HOME, model_version=version)
    fresh, liked = blend.score([_FRESH, _LIKED], context)
    return fresh - liked


def test_version_begins_with_what_was_learnt_with_the_one_before():
    blend = _build()
    _learn(blend, 7, num_slates=20)
    learnt = _score(blend, 7)
    assert learnt > 0.0
    assert _score(blend, 8) == learnt
    _learn(blend, 8, takes="1")
    assert _score(blend, 8) < learnt


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_less_is_carried_over_where_a_policy_says_so(share):
    blend = _build(carried_over=share)
    _learn(blend, 7, num_slates=20)
    assert _score(blend, 8) == pytest.approx(share * _score(blend, 7))


def test_versions_that_serve_at_once_do_not_unlearn_each_other_s():
    blend, alone = _build(), _build()
    for _ in range(30):
        _learn(blend, 7, takes="0")
        _learn(blend, 8, takes="1")
        _learn(alone, 7, takes="0")
    # The first slate of 8 came after one of 7.
    assert _score(blend, 7) == _score(alone, 7) > 0.0
    assert _score(blend, 8) < 0.0


def test_version_that_comes_back_finds_its_weights():
    blend = _build()
    _learn(blend, 7, num_slates=20)
    learnt = _score(blend, 7)
    _learn(blend, 8, num_slates=20, takes="1")
    assert _score(blend, 7) == learnt


def test_slate_of_no_version_is_ranked_as_by_the_one_in_use():
    blend = _build()
    _learn(blend, 7, num_slates=20)
    assert _score(blend, 0) == _score(blend, 7)


def test_description_tells_the_version_and_how_much_it_has_learnt():
    blend = _build()
    assert blend.describe()["model_version"] == 0
    _learn(blend, 7, num_slates=3)
    _learn(blend, 8, num_slates=2)
    told = blend.describe()
    assert told["num_slates"] == 5
    assert (told["model_version"], told["num_slates_of_version"]) == (8, 2)
    assert told["num_slates_by_version"] == {7: 3, 8: 2}


def test_blends_that_share_a_document_learn_as_one():
    one, two, alone = _build(0.01), _build(0.01), _build(0.01)
    kept = one.dump()
    for _ in range(40):
        for blend in (one, two):
            blend.load(kept)
            _learn(blend, 7)
            kept = blend.dump()
            blend.note_kept(kept)
        _learn(alone, 7, num_slates=2)
    one.load(kept)
    assert one.describe()["num_slates"] == 80
    assert _score(one, 7) == pytest.approx(_score(alone, 7))


def test_blends_that_learn_at_the_same_time_lose_no_step():
    one, two = _build(0.01), _build(0.01)
    _learn(one, 7)
    start = one.dump()
    one.note_kept(start)
    two.load(start)
    before = _read(one)
    _learn(one, 7)
    _learn(two, 7)
    step = _read(two) - before
    two.load(one.dump())
    assert _read(two) == pytest.approx(before + 2 * step)
    assert two.describe()["num_slates"] == 3
    two.load(one.dump())  # what is known already counts once
    assert _read(two) == pytest.approx(before + 2 * step)
    assert two.describe()["num_slates"] == 3


def test_reset_reaches_others_and_is_not_undone_by_them():
    one, two = _build(), _build()
    _learn(one, 7)
    two.load(one.dump())
    _learn(two, 7)
    one.reset()
    one.load(two.dump())
    assert one.describe()["num_slates"] == 0
    two.load(one.dump())
    assert two.describe()["num_slates"] == 0
