"""Corrects words by one letter."""

from collections.abc import Iterable
from collections.abc import Sequence

import tensorflow as tf

_MIN_LETTERS = 5  # of shorter words too many others are near
_MAX_LETTERS = 24
_MAX_WORDS = 50_000  # the most frequent; each costs as many entries as letters


class TypoTable(tf.Module):
    """Corrects words that are one letter away from a known word.

    Two words are near if they become the same when at most one letter of each
    is deleted: one letter is missing, too many, wrong, or two are swapped.

    Source:
        The symmetric deletions of SymSpell, Wolf Garbe.
    """

    def __init__(self, vocabulary: Sequence[str], others: Iterable[str] = ()):
        """Deletes each letter of each word once.

        Args:
            vocabulary: words that may be meant, the most frequent first: where
                several are near, the first is.
            others: words that are right as well, but are not meant by others.
        """
        super().__init__(name="typo_table")
        self._words = tf.constant([*vocabulary, ""], tf.string)
        self._num_words = len(vocabulary)
        right = {*vocabulary, *others}
        self._is_right = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant([*right] or [""], tf.string),
                tf.ones([max(1, len(right))], tf.int32),
            ),
            default_value=0,
        )
        meant: dict[str, int] = {}
        for number, word in enumerate(vocabulary[:_MAX_WORDS]):
            if not _MIN_LETTERS <= len(word) <= _MAX_LETTERS:
                continue
            if word.isalpha():
                for spelling in (word, *_delete_each(word)):
                    meant.setdefault(spelling, number)
        self._table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant([*meant] or [""], tf.string),
                tf.constant([*meant.values()] or [self._num_words], tf.int32),
            ),
            default_value=self._num_words,
        )

    def __call__(self, words: tf.Tensor) -> tf.Tensor:
        """Replaces words that are not right by the word that is near.

        Args:
            words: string `[M]`.

        Returns:
            string `[M]`, the same where no word is near.
        """
        at = tf.where(self._is_right.lookup(words) == 0)
        wrong = tf.gather_nd(words, at)
        found = self._find_near(wrong)
        near = tf.gather(self._words, found)
        near = tf.where(found < self._num_words, near, wrong)
        return tf.tensor_scatter_nd_update(words, at, near)

    def _find_near(self, words):
        """Finds the places of near words; int32 `[M]`, its size = none."""
        length = tf.strings.length(words, unit="UTF8_CHAR")[:, tf.newaxis]
        at = tf.minimum(tf.range(_MAX_LETTERS), tf.maximum(length - 1, 0))
        whole = tf.repeat(words[:, tf.newaxis], _MAX_LETTERS, axis=1)
        nothing = tf.zeros_like(at)
        kept = tf.strings.join(
            [
                tf.strings.substr(whole, nothing, at, unit="UTF8_CHAR"),
                tf.strings.substr(
                    whole,
                    tf.minimum(at + 1, length),
                    tf.fill(tf.shape(at), _MAX_LETTERS),
                    unit="UTF8_CHAR",
                ),
            ]
        )
        spellings = tf.concat([words[:, tf.newaxis], kept], axis=1)
        found = tf.reduce_min(self._table.lookup(spellings), axis=1)
        is_word = tf.strings.regex_full_match(words, r"\p{L}+")
        is_word &= length[:, 0] >= _MIN_LETTERS
        is_word &= length[:, 0] <= _MAX_LETTERS
        return tf.where(is_word, found, self._num_words)


def _delete_each(word):
    return [word[:at] + word[at + 1 :] for at in range(len(word))]
