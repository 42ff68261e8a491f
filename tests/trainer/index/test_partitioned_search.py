"""Slates from partitions against slates from scoring everything."""

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.index.bare_query import build_query
from tests.trainer.same_order import assert_same_order
from trainer.config import IndexConfig
from trainer.config import RetrievalConfig
from trainer.export.candidate_filter import CandidateFilter
from trainer.index.exact_search import ExactSearch
from trainer.index.partitioned_search import PartitionedSearch
from trainer.inputs.item_table import ItemTable
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.catalogue_scorer import penalise_popularity
from trainer.scoring.content_prior import ContentPrior
from trainer.scoring.linear.linear_scores import LinearScores
from trainer.scoring.linear.neighbour_table import LinearModel
from trainer.scoring.linear.neighbour_table import NeighbourTable

N = 500
_DIM = 8
_RANDOM = np.random.default_rng(4)
_VECTORS = _RANDOM.normal(size=(N, _DIM)).astype(np.float32)
_COUNTS = np.where(np.arange(N) % 3 == 0, 0, 1 + np.arange(N) % 50)
_ITEMS = ItemTable(
    item_ids=np.array([f"i{row:03d}" for row in range(N)], object),
    text_vectors=_RANDOM.normal(size=(N, 6)).astype(np.float32),
    category_ids=(np.arange(N) % 7)[:, np.newaxis].astype(np.int32),
    categories=tuple("abcdefg"),
    counts=_COUNTS.astype(np.int64),
    prices=np.where(np.arange(N) % 5, np.arange(N), np.nan).astype(np.float32),
    created_at=np.arange(N).astype(np.float64),
)


def _linear(name, rows, seed):
    """Items of `rows` speak for each other."""
    random = np.random.default_rng(seed)
    table = NeighbourTable(
        half_life=2.0,
        item_rows=rows,
        neighbours=random.permuted(np.tile(rows, (len(rows), 1)), axis=1)[
            :, :9
        ],
        weights=random.uniform(-0.2, 1.0, (len(rows), 9)).astype(np.float32),
    )
    prior = np.zeros(N, np.float32)
    prior[rows] = random.uniform(0.0, 0.1, len(rows))
    return LinearScores(LinearModel(name, (table,), prior))


def _scorer(strength=2.0):
    """Linear models of few items; 4 of those have not been met."""
    known = np.arange(0, 60, 5, dtype=np.int32)
    return CatalogueScorer(
        [_linear("one", known, 1), _linear("other", known[:9], 2)],
        np.array([0.5, 3.0, 2.0]),
        _RANDOM.uniform(0.0, 0.5, N).astype(np.float32),
        _RANDOM.uniform(-2.0, 2.0, N).astype(np.float32),
        ContentPrior(_ITEMS, strength),
    )


_SCORER = _scorer()
_UNLIFTED = _scorer(strength=0.0)
_FILTER = CandidateFilter(_ITEMS)


def _search(scorer, **settings):
    config = IndexConfig(kind="ivf", num_partitions=20, **settings)
    return PartitionedSearch(_VECTORS, scorer, _FILTER, config)


def _ask(search, k=10, met=(), **constraints):
    """Three people: two with a history, one newcomer."""
    histories = [[5, 10, 333], [20, N, N], [N, N, N]]
    batch = len(histories)
    query = build_query(
        np.random.default_rng(9).normal(size=(batch, _DIM)), histories
    )
    nothing = float("nan")
    request = {
        "k": tf.fill([batch], k),
        "allowed_categories": tf.constant(
            [constraints.get("categories", [])] * batch, tf.string
        ),
        "min_price": tf.fill([batch], constraints.get("low", nothing)),
        "max_price": tf.fill([batch], constraints.get("high", nothing)),
    }
    met = tf.constant([[*met, N]] * batch, tf.int32)
    scores, rows, shown = search(query, request, met)
    return np.where(shown, scores, 0.0), np.where(shown, rows, -1)


@pytest.mark.parametrize("scorer", [_SCORER, _UNLIFTED], ids=["lift", "none"])
def test_slates_are_the_exact_ones_if_all_partitions_are_probed(scorer):
    exact = ExactSearch(_VECTORS, scorer, _FILTER)
    scores, rows = _ask(_search(scorer, num_probes=20), k=25)
    true_scores, true_rows = _ask(exact, k=25)
    assert_same_order((rows, scores), (true_rows, true_scores))


def test_slates_are_the_exact_ones_for_what_is_excluded():
    exact = ExactSearch(_VECTORS, _SCORER, _FILTER)
    _, best = _ask(exact, k=8)
    met = sorted(set(best.ravel().tolist()))
    scores, rows = _ask(_search(_SCORER, num_probes=20), met=met)
    true_scores, true_rows = _ask(exact, met=met)
    assert_same_order((rows, scores), (true_rows, true_scores))
    assert not set(rows.ravel().tolist()) & set(met)


def test_few_probes_find_most_of_the_exact_slate():
    exact = ExactSearch(_VECTORS, _SCORER, _FILTER)
    search = _search(_SCORER, num_probes=8, num_candidates=50)
    _, rows = _ask(search)
    _, true_rows = _ask(exact)
    found = [
        len(set(row) & set(true))
        for row, true in zip(rows.tolist(), true_rows.tolist(), strict=True)
    ]
    assert sum(found) >= 24  # of 30


@pytest.mark.parametrize(
    "constraints",
    [
        {"categories": ["c"], "low": 100.0, "high": 200.0},
        {"low": 480.0},
        {"categories": ["a", "g", "unheard of"], "high": 99.0},
    ],
)
@pytest.mark.parametrize("num_probes", [1, 20])
def test_narrow_constraint_fills_the_slate_with_the_best(
    constraints, num_probes
):
    exact = ExactSearch(_VECTORS, _UNLIFTED, _FILTER)
    search = _search(_UNLIFTED, num_probes=num_probes)
    scores, rows = _ask(search, **constraints)
    true_scores, true_rows = _ask(exact, **constraints)
    assert_same_order((rows, scores), (true_rows, true_scores))
    assert (rows >= 0).all()


def test_constraint_that_nothing_meets_gives_an_empty_slate():
    _, rows = _ask(_search(_SCORER, num_probes=2), low=1e6)
    assert (rows == -1).all()


def test_wish_beyond_the_catalogue_gives_the_catalogue():
    _, rows = _ask(_search(_SCORER, num_probes=2), k=N + 10)
    assert sorted(rows[0][rows[0] >= 0]) == list(range(N))


def test_empty_batch_gives_no_slates():
    search = _search(_SCORER, num_probes=2)
    query = build_query(np.zeros([0, _DIM]), np.zeros([0, 3]))
    request = {
        "k": tf.zeros([0], tf.int32),
        "allowed_categories": tf.zeros([0, 1], tf.string),
        "min_price": tf.zeros([0]),
        "max_price": tf.zeros([0]),
    }
    _, rows, _ = search(query, request, tf.zeros([0, 2], tf.int32))
    assert rows.shape[0] == 0


@pytest.mark.parametrize(
    ("quantisation", "tolerance"), [("none", 1e-4), ("int8", 0.1)]
)
def test_vectors_and_products_are_those_of_the_towers(quantisation, tolerance):
    search = _search(_SCORER, quantisation=quantisation)
    rows = np.array([[0, 5, 7], [499, 55, 1]], np.int32)
    np.testing.assert_allclose(
        search.gather(rows), _VECTORS[rows], atol=tolerance
    )
    queries = _VECTORS[:4]
    np.testing.assert_allclose(
        search.score_all(tf.constant(queries)),
        queries @ _VECTORS.T,
        atol=tolerance,
    )


def test_catalogue_that_linear_models_know_whole_needs_no_partitions():
    rows = np.arange(N, dtype=np.int32)
    nothing = np.zeros(N, np.float32)
    scorer = CatalogueScorer(
        [_linear("all", rows, 3)], np.array([1.0, 2.0]), nothing, nothing
    )
    missing = np.setdiff1d(rows, scorer.linear_rows)
    exact = ExactSearch(_VECTORS, scorer, _FILTER)
    scores, found = _ask(_search(scorer, num_probes=20))
    true_scores, true_found = _ask(exact)
    assert_same_order((found, scores), (true_found, true_scores))
    assert len(missing) == 0


def _draw_model(seed):
    """Vectors and a scorer, whatever they are made of."""
    random = np.random.default_rng(seed)
    size = 40
    counts = random.poisson(3.0, size) * (random.random(size) < 0.6)
    items = ItemTable(
        item_ids=np.array([f"i{row:02d}" for row in range(size)], object),
        text_vectors=random.normal(size=(size, 4)).astype(np.float32),
        category_ids=np.full((size, 1), -1, np.int32),
        categories=(),
        counts=counts.astype(np.int64),
        prices=np.full(size, np.nan, np.float32),
        created_at=random.uniform(0.0, 9.0, size),
    )
    linear = []
    for nth in range(seed % 4):
        known = random.permutation(size)[: 4 + 9 * nth].astype(np.int32)
        table = NeighbourTable(
            half_life=float(1 + nth),
            item_rows=np.sort(known),
            neighbours=random.choice(known, (len(known), 3)),
            weights=random.uniform(-0.2, 1.0, (len(known), 3)).astype(
                np.float32
            ),
        )
        prior = np.zeros(size, np.float32)
        prior[known[:2]] = 0.1
        linear.append(LinearScores(LinearModel(f"m{nth}", (table,), prior)))
    scorer = CatalogueScorer(
        linear,
        random.uniform(0.1, 3.0, 1 + len(linear)),
        penalise_popularity(
            counts, RetrievalConfig(popularity_penalty=0.2 * (seed % 3))
        ),
        random.normal(size=size).astype(np.float32),
        ContentPrior(items, float(seed % 2) * 2.0) if seed != 6 else None,
    )
    vectors = random.normal(size=(size, _DIM)).astype(np.float32)
    return vectors, scorer, CandidateFilter(items)


@pytest.mark.parametrize("seed", range(8))
def test_both_searches_give_every_item_the_same_score(seed):
    vectors, scorer, candidate_filter = _draw_model(seed)
    size = len(vectors)
    histories = [[5, 10, 33], [20, size, size], [size] * 3]
    query = build_query(
        np.random.default_rng(9).normal(size=(3, _DIM)), histories
    )
    request = {
        "k": tf.fill([3], size),
        "allowed_categories": tf.zeros([3, 0], tf.string),
        "min_price": tf.fill([3], np.float32("nan")),
        "max_price": tf.fill([3], np.float32("nan")),
    }
    config = IndexConfig(kind="ivf", num_partitions=4, num_probes=4)
    scores = {}
    for search in (
        ExactSearch(vectors, scorer, candidate_filter),
        PartitionedSearch(vectors, scorer, candidate_filter, config),
    ):
        found, rows, shown = search(query, request, tf.fill([3, 1], size))
        assert shown.numpy().all()
        by_row = np.take_along_axis(
            found.numpy(), np.argsort(rows.numpy(), axis=1), axis=1
        )
        scores[search.name] = by_row
    exact, partitioned = scores.values()
    # Where rounding decides between two untried items they may swap.
    is_same = np.isclose(exact, partitioned, atol=1e-4)
    assert is_same.sum(axis=1).min() >= size - 2
    np.testing.assert_allclose(np.sort(exact), np.sort(partitioned), atol=1e-4)
