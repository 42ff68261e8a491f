"""Which items hold the words of a need."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from trainer.needs.words import list_words

_SATURATION = 1.2  # k1 of BM25
_LENGTH_SHARE = 0.75  # b of BM25


class WordIndex(tf.Module):
    """BM25 over the texts of the catalogue, by an inverted index.

    Scores are divided by the rarity of all words of the need, so that those of
    short and of long needs compare: about 1 where an item has every word.

    Attributes:
        vocabulary: all words, the most frequent first.

    Source:
        Robertson and Zaragoza, 2009, doi:10.1561/1500000019.
    """

    def __init__(self, texts: Sequence[str]):
        """Indexes the texts.

        Args:
            texts: of the N items.
        """
        super().__init__(name="word_index")
        self._num_items = len(texts)
        documents = [Counter(words) for words in list_words(texts)]
        frequency = Counter(word for counts in documents for word in counts)
        self.vocabulary = tuple(word for word, _ in frequency.most_common())
        vocabulary = self.vocabulary
        numbers = {word: number for number, word in enumerate(vocabulary)}
        rows, impacts = _weigh(documents, frequency, numbers)
        starts = np.cumsum([0, *(frequency[word] for word in vocabulary), 0])
        self._rows = _variable(rows, tf.int32)
        self._impacts = _variable(impacts, tf.float32)
        self._starts = _variable(starts, tf.int64)
        rarities = [_rate(frequency[word], len(texts)) for word in vocabulary]
        rarities.append(_rate(0, len(texts)))  # an unknown word
        self._rarities = _variable(rarities, tf.float32)
        self._numbers = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant(vocabulary or ("",), tf.string),
                tf.range(max(1, len(vocabulary)), dtype=tf.int32),
            ),
            default_value=len(vocabulary),
        )

    def holds(self, words: tf.Tensor) -> tf.Tensor:
        """Whether any text has each word; string `[M]` to bool `[M]`."""
        return self._numbers.lookup(words) < len(self.vocabulary)

    def __call__(self, words: tf.RaggedTensor) -> tf.Tensor:
        """Scores all items.

        Args:
            words: string `[B, (W)]` of `split_words`.

        Returns:
            float32 `[B, N]`, from 0, where no word is in common, to 2.2.
        """
        numbers = self._numbers.lookup(words.flat_values)
        size = self._starts[1:] - self._starts[:-1]
        size = tf.gather(size, numbers)
        # One entry for each posting of each word.
        at = tf.repeat(tf.gather(self._starts, numbers), size)
        at += tf.range(tf.size(at, tf.int64)) - tf.repeat(
            tf.cumsum(size, exclusive=True), size
        )
        query = tf.repeat(tf.cast(words.value_rowids(), tf.int64), size)
        rows = tf.cast(tf.gather(self._rows, at), tf.int64)
        batch = words.nrows()
        scores = tf.math.unsorted_segment_sum(
            tf.gather(self._impacts, at),
            query * self._num_items + rows,
            batch * self._num_items,
        )
        rarity = words.with_flat_values(tf.gather(self._rarities, numbers))
        return tf.math.divide_no_nan(
            tf.reshape(scores, [-1, self._num_items]),
            tf.reduce_sum(rarity, axis=1)[:, tf.newaxis],
        )


def _weigh(documents, frequency, numbers):
    """The postings, word by word: rows int `[P]`, impacts float `[P]`."""
    num_items = len(documents)
    lengths = [counts.total() for counts in documents]
    mean = max(1.0, sum(lengths) / max(1, num_items))
    words, rows, impacts = [], [], []
    for row, counts in enumerate(documents):
        norm = 1.0 - _LENGTH_SHARE + _LENGTH_SHARE * lengths[row] / mean
        for word, count in counts.items():
            rarity = _rate(frequency[word], num_items)
            share = count / (count + _SATURATION * norm)
            words.append(numbers[word])
            rows.append(row)
            impacts.append(rarity * share * (_SATURATION + 1.0))
    order = np.argsort(np.array(words, np.int64), kind="stable")
    return np.array(rows, np.int32)[order], np.array(impacts)[order]


def _rate(number, num_items):
    """The rarity of a word that so many texts have."""
    return math.log1p((num_items - number + 0.5) / (number + 0.5))


def _variable(value, dtype):
    """Keeps an array outside the 2 GB of a graph."""
    return tf.Variable(tf.cast(value, dtype), trainable=False)
