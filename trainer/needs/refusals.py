"""Which words of a need are refused."""

import tensorflow as tf

_REFUSALS = ("no", "not", "without", "except", "non")
# May stand between a refusal and what is refused.
_BETWEEN = ("a", "an", "any", "the", "more", "with", "by", "from", "starring")


def find_refusals(words: tf.Tensor) -> tf.Tensor:
    """Marks the words that a refusal stands before: "no X", "not with X".

    Args:
        words: string `[B, W]`, "" behind the last.

    Returns:
        bool `[B, W]`.
    """
    shifted = tf.pad(words, [[0, 0], [2, 0]])
    before, last = shifted[:, :-2], shifted[:, 1:-1]
    is_refused = _is_one_of(last, _REFUSALS)
    return is_refused | (
        _is_one_of(last, _BETWEEN) & _is_one_of(before, _REFUSALS)
    )


def _is_one_of(words, names):
    return tf.reduce_any(words[..., tf.newaxis] == tf.constant(names), axis=-1)
