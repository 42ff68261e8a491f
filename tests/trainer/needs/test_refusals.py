"""Words that are refused."""

import pytest
import tensorflow as tf

from trainer.needs.refusals import find_refusals


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("no horror", [0, 1]),
        ("without any horror", [0, 1, 1]),
        ("not with jane roe", [0, 1, 1, 0]),
        ("with jane roe", [0, 0, 0]),
        ("horror", [0]),
        ("", []),
    ],
)
def test_what_stands_behind_a_refusal_is_refused(words, refused):
    words = tf.constant([words.split()], tf.string)
    assert find_refusals(words).numpy().tolist() == [list(map(bool, refused))]
