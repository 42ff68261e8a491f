"""Slates by the scores of all items."""

import numpy as np
import tensorflow as tf

from tests.trainer.index.bare_query import build_query
from trainer.export.candidate_filter import CandidateFilter
from trainer.index.exact_search import ExactSearch
from trainer.inputs.item_table import ItemTable
from trainer.scoring.catalogue_scorer import CatalogueScorer

_VECTORS = np.array([[1.0], [2.0], [3.0], [4.0]], np.float32)
_ITEMS = ItemTable(
    item_ids=np.array(["a", "b", "c", "d"], object),
    text_vectors=np.zeros((4, 2), np.float32),
    category_ids=np.array([[0], [0], [0], [1]], np.int32),
    categories=("cheap", "dear"),
    counts=np.ones(4, np.int64),
    prices=np.full(4, np.nan, np.float32),
    created_at=np.full(4, np.nan),
)


def test_slate_holds_the_best_of_what_is_allowed():
    penalties = np.array([0.0, 0.0, 5.0, 0.0], np.float32)
    scorer = CatalogueScorer(
        [], np.array([2.0]), penalties, np.zeros(4, np.float32)
    )
    search = ExactSearch(_VECTORS, scorer, CandidateFilter(_ITEMS))
    query = build_query(np.ones([1, 1]), [[1]])
    request = {
        "k": tf.constant([3]),
        "allowed_categories": tf.constant([["cheap"]]),
        "min_price": tf.constant([np.nan]),
        "max_price": tf.constant([np.nan]),
    }
    # 2 x 2, 2 x 1, and 2 x 3 less 5; "d" is dear, and b is not asked for.
    scores, rows, shown = search(query, request, tf.constant([[1, 4]]))
    assert rows[0][shown[0]].numpy().tolist() == [0, 2]
    assert scores[0][shown[0]].numpy().tolist() == [2.0, 1.0]
