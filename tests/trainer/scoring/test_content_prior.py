"""Untried items in the order that their content promises."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.inputs.item_table import ItemTable
from trainer.scoring.content_prior import ContentPrior
from trainer.scoring.content_prior import predict_popularity

# Items 0 to 3 are met, those with text "up" often; 4 to 6 are not.
_UP, _DOWN = [1.0, 0.0], [0.0, 1.0]
_COUNTS = [400, 400, 1, 1, 0, 0, 0]
_TEXTS = [_UP, _UP, _DOWN, _DOWN, _DOWN, _UP, _DOWN]


def _items(counts=_COUNTS, texts=_TEXTS, created_at=None):
    size = len(counts)
    if created_at is None:
        created_at = [np.nan] * size
    return ItemTable(
        item_ids=np.array([f"i{n}" for n in range(size)], object),
        text_vectors=np.array(texts, np.float32),
        category_ids=np.full((size, 1), -1, np.int32),
        categories=(),
        counts=np.array(counts, np.int64),
        prices=np.full(size, np.nan, np.float32),
        created_at=np.array(created_at, np.float64),
    )


def test_promising_untried_item_comes_first_among_them():
    scores = tf.constant([[9.0, 8.0, 7.0, 6.0, 5.0, 3.0, 4.0]])
    reordered = ContentPrior(_items(), 10.0)(scores)
    # Item 5 reads like what many met: it gets the best score of the three;
    # 4 and 6 promise the same and keep their order.
    np.testing.assert_array_equal(
        reordered, [[9.0, 8.0, 7.0, 6.0, 4.0, 5.0, 3.0]]
    )


def test_clear_score_outweighs_a_weak_promise():
    scores = tf.constant([[0.0, 0.0, 0.0, 0.0, 9.0, 1.0, 0.0]])
    reordered = ContentPrior(_items(), 0.1)(scores)
    np.testing.assert_array_equal(reordered, scores)


def test_each_query_has_its_own_scale():
    # The same order at a thousandth of the spread is the same decision.
    scores = np.array([[0.0, 0.0, 0.0, 0.0, 5.0, 3.0, 4.0]], np.float32)
    both = tf.constant(np.concatenate([scores, 1e-3 * scores]))
    reordered = ContentPrior(_items(), 2.0)(both).numpy()
    np.testing.assert_allclose(reordered[1], 1e-3 * reordered[0], rtol=1e-6)


@pytest.mark.parametrize(
    "counts",
    [[0] * 7, [1] * 7, [3, 3, 3, 3, 3, 3, 0]],
    ids=["nobody met any", "all are met", "one is untried"],
)
def test_nothing_to_order_changes_nothing(counts):
    scores = tf.random.stateless_normal([2, 7], seed=(1, 2))
    reordered = ContentPrior(_items(counts), 2.0)(scores)
    np.testing.assert_array_equal(reordered, scores)


@pytest.mark.parametrize("size", [0, 1, 5])
def test_scores_only_swap_places_among_the_untried(size, tmp_path):
    scores = tf.random.stateless_normal([size, 7], seed=(1, 2))
    module = ContentPrior(_items(), 2.0)
    reordered = module(scores)
    assert reordered.shape == (size, 7)
    np.testing.assert_array_equal(reordered[:, :4], scores[:, :4])
    np.testing.assert_array_equal(
        np.sort(reordered[:, 4:], axis=1), np.sort(scores[:, 4:], axis=1)
    )
    module.answer = tf.function(
        module.__call__, input_signature=[tf.TensorSpec([None, 7])]
    )
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    np.testing.assert_array_equal(loaded.answer(scores), reordered)


def test_prediction_is_the_ridge_regression_of_the_roots():
    predicted = predict_popularity(_items())
    # The roots are 20 and 1: 9.5 on either side of their mean. A centred
    # text is (+-2, -+2), and four of them make one direction of square
    # length 4 * 8 = 32: shrunk by 32 / (32 + 10).
    share = 32 / 42
    np.testing.assert_allclose(predicted[5], 10.5 + 9.5 * share, rtol=1e-5)
    np.testing.assert_allclose(predicted[4], 10.5 - 9.5 * share, rtol=1e-5)


def test_time_of_creation_counts_where_it_is_known():
    items = _items(
        counts=[100] * 20 + [1] * 20 + [0, 0, 0],
        texts=[_UP] * 43,
        created_at=[*range(2000, 2040), 2005, 2035, np.nan],
    )
    predicted = predict_popularity(items)
    # The mean of the roots is 5.5; nothing tells the last item from it.
    assert predicted[40] > 6.0
    assert predicted[41] < 5.0
    assert predicted[42] == pytest.approx(5.5)


def test_catalogue_without_any_history_predicts_nothing():
    with pytest.raises(ValueError, match="Received: 7 items"):
        predict_popularity(_items([0] * 7))
