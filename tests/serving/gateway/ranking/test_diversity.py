import itertools

import numpy as np
import pytest

from serving.gateway.ranking.diversity import build_kernel
from serving.gateway.ranking.diversity import compute_similarity
from serving.gateway.ranking.diversity import diversify
from serving.gateway.ranking.diversity import pick_dpp
from serving.gateway.ranking.diversity import pick_mmr

_METHODS = ("mmr", "dpp")


def test_similarity_is_the_share_of_common_categories():
    categories = [("A", "B"), ("B", "C"), ("A", "B"), ("D",), ()]
    similarity = compute_similarity(categories)
    # {A, B} and {B, C} share 1 of 3.
    assert similarity[0].tolist() == pytest.approx([1.0, 1 / 3, 1.0, 0.0, 0.0])
    assert (similarity == similarity.T).all()
    assert np.diag(similarity).tolist() == [1.0] * 5


def test_items_without_categories_resemble_only_themselves():
    assert compute_similarity([(), ()]).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_similarity_agrees_with_sets_beyond_a_machine_word_of_categories():
    rng = np.random.default_rng(0)
    sets = [set(rng.choice(150, 40).tolist()) for _ in range(12)]
    similarity = compute_similarity([[str(x) for x in one] for one in sets])
    for a, b in itertools.product(range(12), repeat=2):
        expected = len(sets[a] & sets[b]) / len(sets[a] | sets[b])
        assert similarity[a, b] == pytest.approx(expected)


def test_similarity_is_positive_semi_definite():
    rng = np.random.default_rng(1)
    sets = [map(str, rng.choice(9, rng.integers(0, 5))) for _ in range(40)]
    similarity = compute_similarity([tuple(one) for one in sets])
    assert np.linalg.eigvalsh(similarity).min() > -1e-9


def test_mmr_trades_score_against_repetition():
    similarity = compute_similarity([("A",), ("A",), ("B",)])
    relevance = np.array([1.0, 0.9, 0.5])
    # At 0.5 the second A is worth 0.45 - 0.5 = -0.05, B is worth 0.25;
    # at 0.2 the second A is worth 0.72 - 0.2 = 0.52, B is worth 0.4.
    assert pick_mmr(relevance, similarity, 3, 0.5) == [0, 2, 1]
    assert pick_mmr(relevance, similarity, 3, 0.2) == [0, 1, 2]


def _pick_by_determinants(kernel, num_picks):
    picks = []
    for _ in range(num_picks):
        rest = [one for one in range(len(kernel)) if one not in picks]
        volumes = [
            np.linalg.det(kernel[np.ix_([*picks, one], [*picks, one])])
            for one in rest
        ]
        picks.append(rest[int(np.argmax(volumes))])
    return picks


@pytest.mark.parametrize("seed", range(20))
def test_dpp_picks_what_determinants_pick(seed):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(9, 12))
    kernel = vectors @ vectors.T
    assert pick_dpp(kernel, 6) == _pick_by_determinants(kernel, 6)


def test_dpp_picks_what_determinants_pick_among_categories():
    rng = np.random.default_rng(2)
    categories = [
        tuple(map(str, rng.choice(6, rng.integers(1, 4)))) for _ in range(10)
    ]
    relevance = -rng.exponential(size=10)
    kernel = build_kernel(relevance, compute_similarity(categories), 0.5)
    assert pick_dpp(kernel, 7) == _pick_by_determinants(kernel, 7)


def test_kernel_weighs_score_and_volume_as_asked():
    similarity = compute_similarity([("A",), ("B",)])
    relevance = np.array([0.0, -1.0])
    kernel = build_kernel(relevance, similarity, 0.25)
    # w log det = (1 - w) sum(r) when nothing is similar: 0.75 * -1 = -0.75.
    assert 0.25 * np.linalg.slogdet(kernel)[1] == pytest.approx(-0.75)


@pytest.mark.parametrize("method", _METHODS)
def test_weight_of_zero_orders_by_score(method):
    scores = np.array([0.1, 0.3, 0.2])
    order = diversify(scores, [("A",)] * 3, 3, method, 0.0)
    assert order == [1, 2, 0]


@pytest.mark.parametrize("method", _METHODS)
def test_best_item_stays_on_top_and_the_novel_one_follows(method):
    scores = np.array([1.0, 2.0, 1.9, 1.8])
    categories = [("B",), ("A",), ("A",), ("A",)]
    assert diversify(scores, categories, 4, method, 0.7)[:2] == [1, 0]


@pytest.mark.parametrize("method", _METHODS)
@pytest.mark.parametrize("weight", [0.01, 0.5, 1.0])
def test_every_item_keeps_a_place_whatever_is_alike(method, weight):
    scores = np.linspace(3, -3, 30)
    order = diversify(scores, [("A", "B")] * 30, 20, method, weight)
    # All alike: nothing to gain by changing places.
    assert order == list(range(30))


@pytest.mark.parametrize("method", _METHODS)
@pytest.mark.parametrize("size", [0, 1, 2])
def test_few_items_are_ordered_too(method, size):
    order = diversify(np.zeros(size), [()] * size, 10, method, 0.5)
    assert order == list(range(size))


@pytest.mark.parametrize("method", _METHODS)
def test_thousands_of_items_are_compared_up_to_a_bound(method):
    scores = -np.arange(5000.0)
    categories = [(str(one % 7),) for one in range(5000)]
    order = diversify(scores, categories, 20, method, 0.5)
    assert sorted(order) == list(range(5000))
    # The first seven of everything there is, then score again.
    assert len({categories[one] for one in order[:7]}) == 7


@pytest.mark.parametrize("method", _METHODS)
def test_more_weight_never_shows_fewer_categories(method):
    rng = np.random.default_rng(3)
    scores = rng.normal(size=60)
    categories = [(str(one),) for one in rng.integers(0, 8, 60)]
    shown = [
        len({categories[i] for i in diversify(scores, categories, 8, *how)[:8]})
        for how in ((method, 0.0), (method, 0.5), (method, 1.0))
    ]
    assert shown == sorted(shown)
    assert shown[-1] == 8
