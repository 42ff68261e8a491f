"""The score of items for a need in words."""

import itertools
from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from schemas.item_text import compose_item_text
from trainer.config import NeedConfig
from trainer.inputs.item_table import ItemTable
from trainer.needs.facets import Facets
from trainer.needs.said_need import SaidNeed
from trainer.needs.typo_table import TypoTable
from trainer.needs.word_index import WordIndex
from trainer.needs.words import cut_words
from trainer.needs.words import is_long
from trainer.needs.words import list_words
from trainer.needs.words import split_words
from trainer.needs.words import strip_plurals

_NUM_SCORES = 4  # of the history, of the towers, of the text, of the words


class NeedScorer(tf.Module):
    """Blends what the history says with what the need says.

    A need is compared with items three ways: by the towers, which learnt from
    behaviour what texts go with; by the similarity of the texts, which the
    language model knows from its own training; and by the words in common. The
    weights differ for users without history: there, the score without a need
    is popularity. And they differ for long needs, words of which say more. Then
    what the need names (`Facets`) comes first.

    Attributes:
        num_items: N, the size of the catalogue.
        weights: float32 `[2, 2, 4]`, see `assign_weights`.
    """

    def __init__(
        self,
        items: ItemTable,
        text_vectors: tf.Variable,
        known_words: Iterable[str] = (),
        config: NeedConfig | None = None,
    ):
        """Indexes the words of the catalogue.

        Args:
            items: the catalogue, with its titles and descriptions.
            text_vectors: float32 `[N, T]`, those of the towers' text source.
            known_words: words that are no typing errors, beside those of the
                catalogue.
            config: how needs are read; None = the defaults.
        """
        super().__init__(name="need_scorer")
        self.num_items = items.num_items
        self._text_vectors = text_vectors
        self._words = WordIndex(_compose_texts(items))
        config = config or NeedConfig()
        category_words = config.category_words
        self._facets = Facets(items, category_words, config.names)
        told = itertools.chain(known_words, *category_words.values())
        known = itertools.chain.from_iterable(list_words(sorted(told)))
        self._typos = TypoTable(self._words.vocabulary, known)
        self.weights = tf.Variable(
            tf.ones([2, 2, _NUM_SCORES]), trainable=False
        )

    def correct(self, text: tf.Tensor) -> tf.Tensor:
        """Corrects typing errors; string `[B]` to the same.

        A text without one stays as it is. One with an error becomes its words.
        """
        words = cut_words(text)
        stems = strip_plurals(words.flat_values)
        fixed = self._typos(stems)
        fixed = tf.where(fixed == stems, words.flat_values, fixed)
        before, after = (
            tf.strings.reduce_join(one, axis=1, separator=" ")
            for one in (words, words.with_flat_values(fixed))
        )
        return tf.where(before == after, text, after)

    def knows(self, text: tf.Tensor) -> tf.Tensor:
        """Whether the catalogue has half of the words of a need, or more.

        Args:
            text: string `[B]`.

        Returns:
            bool `[B]`; false where there is no word.
        """
        words = split_words(self.correct(text))
        is_known = words.with_flat_values(self._words.holds(words.flat_values))
        return tf.reduce_mean(tf.cast(is_known, tf.float32), axis=1) >= 0.5

    def compare(self, need: SaidNeed, tower: tf.Tensor) -> list[tf.Tensor]:
        """Scores all items by the need alone, in each way.

        Args:
            need: what is said.
            tower: float32 `[B, N]`, the products of its queries with items.

        Returns:
            By the towers, by the text and by the words, float32 `[B, N]` each.
        """
        text = tf.matmul(need.vectors, self._text_vectors, transpose_b=True)
        return [tower, text, self._words(split_words(need.text))]

    def __call__(
        self,
        scores: tf.Tensor,
        need: SaidNeed,
        tower: tf.Tensor,
        is_new: tf.Tensor,
    ) -> tf.Tensor:
        """Scores the catalogue.

        Args:
            scores: float32 `[B, N]`, without the need.
            need: what is said.
            tower: as in `compare`.
            is_new: bool `[B]`, who has no history.

        Returns:
            float32 `[B, N]`; `scores` where nothing is said.
        """
        weights = self.choose_weights(need, is_new)
        parts = [scores, *self.compare(need, tower)]
        total = tf.add_n(
            [
                weights[:, nth, tf.newaxis] * part
                for nth, part in enumerate(parts)
            ]
        )
        lacks = self._facets(split_words(need.text))
        # Where no item has all, the best of them keep their scores.
        lacks -= tf.nn.relu(tf.reduce_min(lacks, axis=1, keepdims=True))
        spread = tf.reduce_max(total, axis=1) - tf.reduce_min(total, axis=1)
        # One more than the spread: equal scores would not be in order.
        total -= lacks * (spread[:, tf.newaxis] + 1.0)
        return tf.where((need.text != "")[:, tf.newaxis], total, scores)

    def choose_weights(self, need: SaidNeed, is_new: tf.Tensor) -> tf.Tensor:
        """The weights of each query; float32 `[B, 4]`.

        Args:
            need: what is said.
            is_new: bool `[B]`, who has no history.
        """
        kind = tf.stack([~is_new, is_long(split_words(need.text))], axis=1)
        return tf.gather_nd(self.weights, tf.cast(kind, tf.int32))

    def assign_weights(self, without_history, with_history) -> None:
        """Sets the weights.

        Args:
            without_history: float `[2, 4]`, for short and for long needs, of
                the score without a need, and of each way of `compare`.
            with_history: likewise.
        """
        self.weights.assign(np.stack([without_history, with_history]))


def _compose_texts(items: ItemTable) -> list[str]:
    """The texts that are searched; "" where the catalogue was not read."""
    if not len(items.titles):
        return [""] * items.num_items
    names = [
        [items.categories[number] for number in row if number >= 0]
        for row in items.category_ids
    ]
    told = zip(items.titles, items.descriptions, names, strict=True)
    return [compose_item_text(*one) for one in told]
