"""Full-catalogue ranks: exclusions, ties, misses."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.scoring.ranks import check_finite
from trainer.scoring.ranks import compute_rank
from trainer.scoring.ranks import exclude_rows
from trainer.scoring.ranks import hold_rows
from trainer.scoring.ranks import judge
from trainer.scoring.ranks import mark_finite

SCORES = tf.constant([[0.4, 0.3, 0.2, 0.1]])


def _rank(label, *met, scores=SCORES):
    padded = tf.constant([met or (4,)])
    return float(compute_rank(scores, tf.constant([label]), padded)[0])


def test_rank_counts_the_items_ahead():
    assert [_rank(label) for label in range(4)] == [1.0, 2.0, 3.0, 4.0]


def test_items_met_before_are_not_ahead():
    assert _rank(2, 0, 4) == 2.0


def test_a_label_met_before_is_a_miss():
    assert _rank(1, 1) == 5.0


def _judge(label, *history, repeats):
    judged, allowed = judge(
        SCORES, tf.constant([label]), tf.constant([history]), repeats
    )
    values = {name: float(one[0]) for name, one in judged.items()}
    order = ("rank", "num_candidates", "candidate", "met")
    return [values[name] for name in order], allowed.numpy()[0]


def test_what_was_met_does_not_compete_where_nobody_repeats():
    # Of 4 items 0 and 1 were met, 0 twice; 4 is padding.
    found, allowed = _judge(2, 0, 1, 0, 4, repeats=False)
    assert found == [1.0, 2.0, 1.0, 0.0]
    assert allowed.argsort().tolist()[2:] == [3, 2]
    assert _judge(1, 0, 1, repeats=False)[0] == [5.0, 2.0, 0.0, 1.0]


def test_what_was_met_competes_where_people_repeat():
    assert _judge(2, 0, 1, 4, repeats=True)[0] == [3.0, 4.0, 1.0, 0.0]
    found, allowed = _judge(1, 0, 1, repeats=True)
    assert found == [2.0, 4.0, 1.0, 1.0]
    assert allowed.tolist() == SCORES[0].numpy().tolist()


@pytest.mark.parametrize("repeats", [True, False])
def test_label_outside_the_catalogue_is_no_candidate(repeats):
    assert _judge(4, 4, 4, repeats=repeats)[0] == [5.0, 4.0, 0.0, 0.0]


def test_ties_count_against_the_label():
    assert _rank(0, scores=tf.zeros([1, 4])) == 4.0


def test_label_outside_the_catalogue_ranks_behind_all():
    assert _rank(4) == 5.0


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_label_whose_score_is_not_finite_ranks_behind_all(broken):
    scores = tf.constant([[broken, 0.3, 0.2, 0.1]])
    assert _rank(0, scores=scores) == 5.0
    assert _rank(0, scores=tf.fill([1, 4], broken)) == 5.0


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_other_score_that_is_not_finite_is_not_ahead(broken):
    scores = tf.constant([[broken, 0.3, 0.2, 0.1]])
    assert [_rank(n, scores=scores) for n in (1, 2, 3)] == [1.0, 2.0, 3.0]


def test_one_broken_answer_makes_a_query_not_finite():
    scores = tf.constant([[0.1, 0.2], [np.nan, 0.2], [0.1, 0.2]])
    rating = tf.constant([4.0, 3.0, np.inf])
    marked = mark_finite({"rating": rating}, scores)
    assert marked["finite"].numpy().tolist() == [1.0, 0.0, 0.0]
    assert marked["rating"].numpy().tolist() == [4.0, 3.0, 0.0]


def test_catalogue_with_a_broken_vector_is_refused():
    check_finite(np.zeros([3, 2], np.float32))
    vectors = np.array([[0.0, 1.0], [np.nan, 1.0], [0.0, np.inf]])
    with pytest.raises(FloatingPointError, match="2 of 3 items"):
        check_finite(vectors)


def test_padding_excludes_nothing():
    met = tf.constant([[4, 4]])
    assert exclude_rows(SCORES, met).numpy().tolist() == [
        SCORES[0].numpy().tolist()
    ]


def test_rows_are_found_in_the_list_of_their_own_request():
    rows = tf.constant([[5, 0, 5], [9, 2, 7]])
    wanted = tf.constant([[0, 5, 9, 6], [0, 9, 2, 8]])
    assert hold_rows(rows, wanted).numpy().tolist() == [
        [True, True, False, False],
        [False, True, True, False],
    ]


def test_empty_list_holds_nothing_and_nobody_wants_nothing():
    empty, one = tf.zeros([1, 0], tf.int32), tf.constant([[0]])
    assert hold_rows(empty, one).numpy().tolist() == [[False]]
    assert hold_rows(one, empty).shape == (1, 0)
