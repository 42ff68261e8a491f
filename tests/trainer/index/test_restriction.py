import tensorflow as tf

from trainer.index.restriction import Restriction
from trainer.scoring.ranks import EXCLUDED

_SCORES = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
_ROWS = tf.constant([[7, 8, 9], [7, 8, 9]])


def _is_multiple(rows, at):
    return rows % (at[:, tf.newaxis] + 2) == 0


def test_what_is_forbidden_falls_below_everything():
    restriction = Restriction(tf.constant(True), _is_multiple)
    scores = restriction.apply(_SCORES, lambda: _ROWS, tf.constant([0, 1]))
    low = float(tf.constant(EXCLUDED))
    assert scores.numpy().tolist() == [[low, 2.0, low], [low, low, 6.0]]


def test_rows_are_not_asked_for_where_nothing_is_forbidden():
    restriction = Restriction(tf.constant(False), _is_multiple)

    num_calls = tf.Variable(0)

    def find_rows():
        num_calls.assign_add(1)
        return _ROWS

    @tf.function
    def apply():
        return restriction.apply(_SCORES, find_rows, tf.constant([0, 1]))

    assert apply().numpy().tolist() == _SCORES.numpy().tolist()
    assert num_calls.numpy() == 0
