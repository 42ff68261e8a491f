"""Needs made of the catalogue and of behaviour, to learn weights from."""

import re
from collections.abc import Sequence

import numpy as np

from schemas.item_text import compose_item_text
from trainer.inputs.item_table import ItemTable
from trainer.scoring.linear.sequences import Sequences

_WORD = re.compile(r"[^\W_]+")
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_PHRASE = 6  # words of a description
_LONG_PHRASE = (10, 22)  # words of a long need, at least and below
_OTHER_WORDS = 0.5  # share of a long need that the catalogue puts otherwise


class MadeNeeds:
    """Makes the need that somebody may have said before an item.

    A need may be made of the item's own entry in the catalogue: a part of its
    title, some of its categories, some words of its description. Such needs
    teach how far words can be trusted. Or it is the text of an item that people
    met next to it: this teaches how far a similar text means that an item is
    wanted, and how much popularity counts beside it.
    """

    def __init__(self, items: ItemTable, sequences: Sequences, seed: int):
        """Lists what was met side by side.

        Args:
            items: the catalogue, with its titles and descriptions.
            sequences: windows of events.
            seed: of the draws.
        """
        self._items = items
        self._told = [_WORD.findall(of.lower()) for of in items.descriptions]
        # Objects: an array of text is as wide as its longest word.
        self._all_told = np.array(
            [word for words in self._told for word in words], object
        )
        self._rng = np.random.default_rng(seed)
        self._met = sequences.rows[
            sequences.is_target & (sequences.rows < items.num_items)
        ]
        before, after = _list_neighbours(sequences)
        order = np.argsort(after, kind="stable")
        self._before = before[order]
        self._starts = np.searchsorted(
            after[order], np.arange(items.num_items + 1)
        )

    def quote(self, rows: Sequence[int]) -> list[str]:
        """Makes a need of each item's own entry.

        Args:
            rows: int `[Q]`, of the catalogue.
        """
        return [self._quote(int(row)) for row in rows]

    def mix(self, rows: Sequence[int]) -> list[str]:
        """Makes every other need of what people met next to the item.

        Args:
            rows: int `[Q]`, of the catalogue.
        """
        return [
            self._use_behavior(int(row)) if nth % 2 else self._quote(int(row))
            for nth, row in enumerate(rows)
        ]

    def describe(self, rows: Sequence[int]) -> list[str]:
        """Makes a long need of each item's description; "" without one.

        Args:
            rows: int `[Q]`, of the catalogue.
        """
        return [self._describe(self._told[int(row)]) for row in rows]

    def draw_items(self, count: int) -> np.ndarray:
        """Draws items as often as they were met; int `[count]`, or none."""
        if not len(self._met):
            return self._met
        return self._rng.choice(self._met, count)

    def _use_behavior(self, row):
        neighbours = self._before[self._starts[row] : self._starts[row + 1]]
        if not len(neighbours):
            return self._quote(row)
        row = self._rng.choice(neighbours)
        return compose_item_text(
            self._items.titles[row], "", self._list_categories(row)
        )

    def _quote(self, row):
        title = _IN_BRACKETS.sub("", self._items.titles[row])
        words = _WORD.findall(title.lower())
        told = self._told[row]
        names = self._list_categories(row)
        self._rng.shuffle(names)
        ways = [self._draw(words, max(1, len(words) // 2))]
        if names:
            ways.append(" ".join(names[:2]).lower())
            ways.append(f"{names[0].lower()} about {self._draw(words, 1)}")
        if told:
            start = self._rng.integers(max(1, len(told) - _PHRASE))
            ways.append(" ".join(told[start : start + _PHRASE]))
        return ways[self._rng.integers(len(ways))] or title

    def _describe(self, told):
        least, below = _LONG_PHRASE
        if len(told) < least:
            return ""
        words = self._draw(told, self._rng.integers(least, below)).split()
        others = self._rng.choice(self._all_told, len(words))
        is_own = self._rng.random(len(words)) >= _OTHER_WORDS
        return " ".join(np.where(is_own, words, others))

    def _draw(self, words, count):
        """Some words in a row."""
        start = self._rng.integers(max(1, len(words) - count + 1))
        return " ".join(words[start : start + count])

    def _list_categories(self, row):
        numbers = self._items.category_ids[row]
        return [self._items.categories[one] for one in numbers if one >= 0]


def _list_neighbours(sequences):
    """Pairs of items that were met one after the other; int `[P]` each."""
    before, after = sequences.rows[:, :-1], sequences.rows[:, 1:]
    is_known = (before < sequences.num_items) & (after < sequences.num_items)
    is_pair = is_known & sequences.is_target[:, 1:]
    return before[is_pair], after[is_pair]
