"""One score per item from towers and linear models."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.config import RetrievalConfig
from trainer.config import TrainerConfig
from trainer.inputs.item_table import ItemTable
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.catalogue_scorer import learn_weights
from trainer.scoring.catalogue_scorer import penalise_popularity
from trainer.scoring.content_prior import ContentPrior
from trainer.scoring.linear.linear_scores import LinearScores
from trainer.scoring.linear.neighbour_table import LinearModel
from trainer.scoring.linear.neighbour_table import NeighbourTable

# After item i comes item i + 1, with a chance of 0.81.
_NEXT = NeighbourTable(
    half_life=0.1,
    item_rows=np.arange(4, dtype=np.int32),
    neighbours=((np.arange(4, dtype=np.int32) + 1) % 4)[:, None],
    weights=np.full((4, 1), 0.81, np.float32),
)
_NONE = np.zeros(4, np.float32)


def _linear():
    return LinearScores(LinearModel("next", (_NEXT,), np.zeros(4, np.float32)))


def test_score_is_the_weighted_sum_less_the_penalty():
    penalties = np.array([0.0, 0.0, 1.0, 0.0], np.float32)
    scorer = CatalogueScorer(
        [_linear()], np.array([2.0, 10.0]), penalties, _NONE
    )
    scores = scorer(
        tf.constant([[3.0, 0.0, -1.0, 0.5]]), tf.constant([[3, 2, 4]])
    )
    # Event 2 came last: item 3 gets ten times the root of 0.81.
    np.testing.assert_allclose(scores, [[6.0, 0.0, -3.0, 10.0]], atol=0.15)


def test_newcomers_get_what_is_popular_others_do_not():
    newcomers = np.array([0.0, 3.0, 0.0, 0.0], np.float32)
    scorer = CatalogueScorer([], np.array([1.0]), _NONE, newcomers)
    scores = scorer(tf.zeros([2, 4]), tf.constant([[4, 4], [2, 4]]))
    np.testing.assert_allclose(scores, [[0, 3, 0, 0], [0, 0, 0, 0]])


def test_shares_sum_to_the_linear_part_of_the_score():
    scorer = CatalogueScorer([_linear()], np.array([1.0, 10.0]), _NONE, _NONE)
    rows = tf.constant([[0, 2, 4]])
    shares = scorer.attribute(rows, tf.constant([[3, 0]]))
    assert shares.numpy()[0] == pytest.approx(
        np.array([[0.0, 9.0, 0.0], [0.0, 0.0, 0.0]]), abs=0.1
    )


def test_model_that_knows_the_answer_gets_the_weight():
    random = np.random.default_rng(3)
    last = random.integers(0, 4, size=200).astype(np.int32)
    batch = {
        "tower": tf.constant(random.normal(size=(200, 4)), tf.float32),
        "rows": tf.constant(last[:, None]),
        "met": tf.constant(last[:, None]),
        "label": tf.constant(
            (last + random.choice([1, 2], 200, p=[0.9, 0.1])) % 4
        ),
        "user": tf.range(200),
        "liked": tf.ones([200], tf.bool),
    }
    towers, linear = learn_weights([[_linear()]], [batch], TrainerConfig())
    assert towers < 0.3
    # Odds of 9 to 0.1 / 2 and so on: about the logarithm over the root.
    assert 2.0 < linear < 6.0


def test_queries_are_scored_by_the_models_of_their_users_fold():
    nothing = NeighbourTable(
        half_life=0.1,
        item_rows=_NEXT.item_rows,
        neighbours=_NEXT.neighbours,
        weights=np.zeros((4, 1), np.float32),
    )
    says_nothing = LinearScores(LinearModel("none", (nothing,), _NONE))
    last = np.arange(40, dtype=np.int32) % 4
    batch = {
        "tower": tf.zeros([40, 4]),
        "rows": tf.constant(last[:, None]),
        "met": tf.constant(last[:, None]),
        "label": tf.constant((last + 1) % 4),
        "user": tf.fill([40], 3),  # all in the second fold
        "liked": tf.ones([40], tf.bool),
    }
    config = TrainerConfig()
    folds = [[says_nothing], [_linear()]]
    _, knows = learn_weights(folds, [batch], config)
    _, does_not = learn_weights(folds[::-1], [batch], config)
    assert knows > 5.0
    assert does_not == 1.0  # where the search began


def test_unusable_queries_teach_nothing():
    batch = {
        "tower": tf.zeros([2, 4]),
        "rows": tf.constant([[0], [1]]),
        "met": tf.constant([[0], [1]]),
        "label": tf.constant([4, 1]),  # not in the catalogue; met before
        "user": tf.constant([0, 1]),
        "liked": tf.ones([2], tf.bool),
    }
    weights = learn_weights([[_linear()]], [batch], TrainerConfig())
    assert weights.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("objective", ["like", "touch"])
def test_what_was_not_liked_teaches_who_is_to_be_touched_alone(objective):
    last = np.arange(40, dtype=np.int32) % 4
    batch = {
        "tower": tf.zeros([40, 4]),
        "rows": tf.constant(last[:, None]),
        "met": tf.constant(last[:, None]),
        "label": tf.constant((last + 1) % 4),
        "user": tf.range(40),
        "liked": tf.zeros([40], tf.bool),
    }
    config = TrainerConfig(objective=objective)
    _, weight = learn_weights([[_linear()]], [batch], config)
    assert (weight == 1.0) == (objective == "like")


def test_popularity_costs_its_logarithm():
    config = RetrievalConfig(popularity_penalty=0.5)
    penalties = penalise_popularity(np.array([0, 1, 99]), config)
    assert penalties == pytest.approx([0.0, 0.5 * np.log(2), 0.5 * np.log(100)])


def test_prior_orders_what_the_blend_scored():
    items = ItemTable(
        item_ids=np.array(["a", "b", "c", "d"], object),
        text_vectors=np.array([[1, 0], [0, 1], [0, 1], [1, 0]], np.float32),
        category_ids=np.full((4, 1), -1, np.int32),
        categories=(),
        counts=np.array([400, 1, 0, 0], np.int64),
        prices=np.full(4, np.nan, np.float32),
        created_at=np.full(4, np.nan),
    )
    scorer = CatalogueScorer(
        [], np.array([1.0]), _NONE, _NONE, ContentPrior(items, 3.0)
    )
    scores = scorer(tf.constant([[4.0, 3.0, 2.0, 1.0]]), tf.constant([[4]]))
    # Item 3 reads like the popular item 0; it changes places with item 2.
    np.testing.assert_array_equal(scores, [[4.0, 3.0, 1.0, 2.0]])
