"""Full-catalogue ranks: exclusions, ties, misses."""

import tensorflow as tf

from trainer.scoring.ranks import compute_rank
from trainer.scoring.ranks import exclude_rows
from trainer.scoring.ranks import hold_rows

SCORES = tf.constant([[0.4, 0.3, 0.2, 0.1]])


def _rank(label, *met, scores=SCORES):
    padded = tf.constant([met or (4,)])
    return float(compute_rank(scores, tf.constant([label]), padded)[0])


def test_rank_counts_the_items_ahead():
    assert [_rank(label) for label in range(4)] == [1.0, 2.0, 3.0, 4.0]


def test_items_met_before_are_not_ahead():
    assert _rank(2, 0, 4) == 2.0


def test_a_label_met_before_keeps_its_own_score():
    assert _rank(1, 1) == 2.0


def test_ties_count_against_the_label():
    assert _rank(0, scores=tf.zeros([1, 4])) == 4.0


def test_label_outside_the_catalogue_ranks_behind_all():
    assert _rank(4) == 5.0


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
