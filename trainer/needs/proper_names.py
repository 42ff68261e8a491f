"""The names of people and places that a need holds."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from trainer.inputs.item_table import ItemTable
from trainer.needs.name_extraction import extract_names
from trainer.needs.refusals import find_refusals
from trainer.needs.words import is_long
from trainer.needs.words import list_words

_MAX_WORDS = 6  # of a name or a title
_MAX_NAMES = 200_000


class ProperNames(tf.Module):
    """Finds the items whose texts hold the names that a need holds.

    "A film with Tom Hanks" asks for his films, as "a comedy" asks for comedies.
    Of names one in another, the longest counts: "New York" is no "York". Names
    in a title of the catalogue that is said do not count: a film like "Saving
    Private Ryan" is none of Meg Ryan. In a long need a name is one word of many
    and not demanded.
    """

    def __init__(
        self,
        items: ItemTable,
        titles: Sequence[str] = (),
        known: Sequence[str] = (),
    ):
        """Finds the names in the catalogue's descriptions, and indexes them.

        Args:
            items: the catalogue; a name in a title counts if a description has
                it too.
            titles: of items, as words that a blank joins.
            known: what is no name, such as categories.
        """
        super().__init__(name="proper_names")
        self._num_items = items.num_items
        words = list_words(extract_names(items.descriptions)[:_MAX_NAMES])
        known = {" ".join(name) for name in list_words(known)}
        numbers: dict[str, int] = {}
        for name in (" ".join(name) for name in words):
            if name and name not in known:
                numbers.setdefault(name, len(numbers))
        self._num_names = len(numbers)
        rows, starts = _list_postings(items, numbers)
        self._rows = tf.Variable(rows, trainable=False)
        self._starts = tf.Variable(starts, trainable=False)
        # One more number for what is no name, and hides names in it.
        for title in titles if numbers else ():
            if 1 < len(title.split()) <= _MAX_WORDS:
                numbers.setdefault(title, self._num_names)
        self._numbers = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant([*numbers] or [""], tf.string),
                tf.constant([*numbers.values()] or [-1], tf.int32),
            ),
            default_value=-1,
        )

    def __call__(self, words: tf.RaggedTensor) -> tf.Tensor:
        """Counts what each item lacks.

        Args:
            words: string `[B, (W)]` of `split_words`.

        Returns:
            float32 `[B, N]`: how many of the names that are wanted the item has
            not, and of those that are refused it has.
        """
        if not self._num_names:
            return tf.zeros([words.nrows(), self._num_items])
        padded = words.to_tensor("")
        found = self._find(padded)
        is_name = (found >= 0) & (found < self._num_names)
        is_name &= ~is_long(words)[:, tf.newaxis]
        at = tf.where(is_name)
        query, number = at[:, 0], tf.gather_nd(found, at)
        sign = tf.where(tf.gather_nd(find_refusals(padded), at), -1.0, 1.0)
        batch = words.nrows()
        wanted = tf.math.unsorted_segment_sum(
            tf.maximum(sign, 0.0), query, batch
        )
        size = tf.gather(self._starts, number + 1)
        size -= tf.gather(self._starts, number)
        # One entry for each posting of each name.
        place = tf.repeat(tf.gather(self._starts, number), size)
        place += tf.range(tf.size(place)) - tf.repeat(
            tf.cumsum(size, exclusive=True), size
        )
        rows = tf.cast(tf.gather(self._rows, place), tf.int64)
        owned = tf.math.unsorted_segment_sum(
            tf.repeat(sign, size),
            tf.repeat(query, size) * self._num_items + rows,
            batch * self._num_items,
        )
        owned = tf.reshape(owned, [-1, self._num_items])
        return wanted[:, tf.newaxis] - owned

    def _find(self, padded):
        """Numbers of the names that begin at each word, -1 = none; `[B, W]`."""
        width = tf.shape(padded)[1]
        found = tf.fill(tf.shape(padded), -1)
        is_taken = tf.fill(tf.shape(padded), False)
        for length in range(_MAX_WORDS, 0, -1):
            parts = [_shift(padded, by, "")[:, :width] for by in range(length)]
            number = self._numbers.lookup(tf.strings.join(parts, " "))
            is_free = ~tf.reduce_any(
                [_shift(is_taken, by, False) for by in range(length)], axis=0
            )
            is_new = (number >= 0) & is_free
            found = tf.where(is_new, number, found)
            for by in range(length):
                is_taken |= _shift(is_new, -by, False)
        return found


def _shift(values, by, fill):
    """Moves what stands `by` places behind to the front; `[B, W]`."""
    before, after = max(0, -by), max(0, by)
    width = tf.shape(values)[1]
    padded = tf.pad(values, [[0, 0], [before, after]], constant_values=fill)
    return padded[:, after : after + width]


def _list_postings(
    items: ItemTable, numbers: Mapping[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Which items hold each name: rows int32 `[P]`, starts int32 `[M + 1]`."""
    if not numbers:
        return np.zeros(0, np.int32), np.zeros(1, np.int32)
    texts = [
        ". ".join(of)
        for of in zip(items.titles, items.descriptions, strict=True)
    ]
    longest = max(len(name.split()) for name in numbers)
    found, rows = [], []
    for row, words in enumerate(list_words(texts)):
        held = {
            numbers[name]
            for name in _list_runs(words, longest)
            if name in numbers
        }
        found += held
        rows += [row] * len(held)
    found, rows = np.array(found, np.int64), np.array(rows, np.int32)
    starts = np.searchsorted(np.sort(found), np.arange(len(numbers) + 1))
    return rows[np.argsort(found, kind="stable")], starts.astype(np.int32)


def _list_runs(words: Sequence[str], longest: int) -> Iterator[str]:
    for length in range(1, longest + 1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])
