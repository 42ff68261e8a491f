import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.signatures import UNKNOWN_ITEM_SCORE
from serving.gateway.ranking.candidate import Candidate
from serving.gateway.ranking.context import RankingContext
from serving.gateway.ranking.features import FEATURE_NAMES
from serving.gateway.ranking.features import MAX_FEATURE
from serving.gateway.ranking.features import compute_features
from serving.gateway.records.item_facts import ItemFacts

_DAY = 86_400.0
_CONTEXT = RankingContext(now=1000 * _DAY)
_NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


def _score(*scores):
    return [
        Candidate(item_id=str(row), score=one) for row, one in enumerate(scores)
    ]


def _know(**facts):
    facts = ItemFacts(item_id="a", title="A", **facts)
    return Candidate(item_id="a", score=0.0, facts=facts)


def _list(name, candidates, context=_CONTEXT):
    return [one[name] for one in compute_features(candidates, context)]


def test_no_candidates_have_no_features():
    assert compute_features([], _CONTEXT) == []


def test_model_counts_standard_deviations_whatever_the_unit_of_scores():
    # Mean 2, deviations -1, 0, 1, variance 2/3: 1 / sqrt(2/3) = 1.2247.
    for unit in (1.0, 1e-6, 1e200):
        listed = _list("model", _score(1.0 * unit, 2.0 * unit, 3.0 * unit))
        assert listed == pytest.approx([-1.2247, 0.0, 1.2247], abs=1e-4)


@pytest.mark.parametrize(
    "score", [math.nan, math.inf, -math.inf, UNKNOWN_ITEM_SCORE]
)
def test_score_that_says_nothing_is_the_worst_and_moves_no_other(score):
    listed = _list("model", _score(1.0, score, 3.0))
    assert listed == pytest.approx([-1.0, -MAX_FEATURE, 1.0])


def test_single_candidate_is_the_mean():
    assert set(compute_features(_score(7.0), _CONTEXT)[0].values()) == {0.0}


def test_popularity_is_taken_by_its_logarithm():
    counts = (0.0, math.e - 1, math.e**2 - 1)  # log(1 + count): 0, 1, 2
    candidates = [
        Candidate(item_id=str(one), score=0.0, popularity=one) for one in counts
    ]
    expected = [-1.2247, 0.0, 1.2247]
    assert _list("popularity", candidates) == pytest.approx(expected, abs=1e-4)


def test_chance_of_a_like_is_unknown_beside_a_need():
    # Log-odds -1, 0 and 1.
    chances = [1.0 / (1.0 + math.exp(-one)) for one in (-1.0, 0.0, 1.0)]
    candidates = [
        Candidate(item_id=str(one), score=0.0, probability=one)
        for one in chances
    ]
    expected = [-1.2247, 0.0, 1.2247]
    listed = _list("probability", candidates)
    assert listed == pytest.approx(expected, abs=1e-4)
    context = RankingContext(now=0.0, has_need=True)
    assert _list("probability", candidates, context) == [0.0, 0.0, 0.0]


def test_popularity_for_newcomers_fades_with_the_history():
    candidates = [
        Candidate(item_id=str(one), score=0.0, popularity=one)
        for one in (0.0, 100.0)
    ]
    # With 5 events a user is half a newcomer, with 20 a fifth: 5 / 25.
    for history_length, share in ((0, 1.0), (5, 0.5), (20, 0.2), (-3, 1.0)):
        context = RankingContext(now=0.0, history_length=history_length)
        listed = _list("newcomer_popularity", candidates, context)
        assert listed == pytest.approx([-share, share])


def test_freshness_falls_with_age_and_unknown_age_is_neutral():
    new, old = _know(created_at=1000 * _DAY), _know(created_at=970 * _DAY)
    unknown = _know()
    # exp(0) = 1 and exp(-30/30) = 0.37: one deviation on either side.
    listed = _list("freshness", [new, old, unknown])
    assert listed == pytest.approx([1.0, -1.0, 0.0])


def test_item_of_the_future_is_as_fresh_as_one_of_today():
    coming, new = _know(created_at=1e12), _know(created_at=1000 * _DAY)
    old = _know(created_at=0.0)
    listed = _list("freshness", [coming, new, old])
    assert listed[0] == listed[1] > listed[2]


def test_price_fit_falls_the_same_way_above_and_below_the_usual_price():
    context = RankingContext(now=0.0, usual_price=10.0)
    prices = (5.0, 10.0, 20.0, None, 0.0, -1.0)
    listed = _list("price_fit", [_know(price=one) for one in prices], context)
    # Fits 1/2, 1, 1/2: mean 2/3, variance 1/18, 1/6 : sqrt(1/18) = 0.7071.
    assert listed == pytest.approx(
        [-0.7071, 1.4142, -0.7071, 0.0, 0.0, 0.0], abs=1e-4
    )


@pytest.mark.parametrize("usual_price", [None, 0.0, -3.0, math.nan, math.inf])
def test_without_a_usual_price_every_price_is_neutral(usual_price):
    context = RankingContext(now=0.0, usual_price=usual_price)
    candidates = [_know(price=one) for one in (1.0, 2.0)]
    assert _list("price_fit", candidates, context) == [0.0, 0.0]


def test_probability_that_is_not_known_is_neutral():
    probabilities = (0.2, 0.8, None, 7.0, math.nan)
    candidates = [
        Candidate(item_id="a", score=0.0, probability=one)
        for one in probabilities
    ]
    listed = _list("probability", candidates)
    assert listed == pytest.approx([-1.0, 1.0, 0.0, 0.0, 0.0])


def test_certain_probabilities_are_bounded():
    candidates = [
        Candidate(item_id="a", score=0.0, probability=one)
        for one in (0.0, 1.0, 0.5)
    ]
    # Log-odds -10, 10, 0: variance 200/3, 10 / 8.165 = 1.2247.
    listed = _list("probability", candidates)
    assert listed == pytest.approx([-1.2247, 1.2247, 0.0], abs=1e-4)


def test_differences_too_small_to_mean_anything_stay_small():
    minute = 60.0
    candidates = [
        _know(created_at=1000 * _DAY), _know(created_at=1000 * _DAY - minute)
    ]  # fmt: skip
    assert max(map(abs, _list("freshness", candidates))) < 0.01


@given(
    st.lists(
        st.tuples(_NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS), max_size=8
    ),
    _NUMBERS,
)
def test_every_feature_is_a_bounded_number_whatever_comes(rows, usual_price):
    candidates = [
        Candidate(
            item_id=str(number),
            score=score,
            probability=probability,
            popularity=popularity,
            facts=ItemFacts(
                item_id=str(number), title="", price=price, created_at=age
            ),
        )
        for number, (score, probability, popularity, price, age) in enumerate(
            rows
        )
    ]
    context = RankingContext(now=0.0, usual_price=usual_price)
    for one in compute_features(candidates, context):
        assert tuple(one) == FEATURE_NAMES
        assert all(abs(value) <= MAX_FEATURE for value in one.values())
