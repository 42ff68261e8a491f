"""What a need names: categories, people and places, years, and titles."""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
import tensorflow as tf

from trainer.inputs.item_table import ItemTable
from trainer.needs.proper_names import ProperNames
from trainer.needs.refusals import find_refusals
from trainer.needs.words import list_words
from trainer.needs.years import NamedYears
from trainer.needs.years import list_years

_MAX_NAME = 3  # words of a category's name
_MIN_STEM = 5  # letters that another form of a name has in common with it
_MAX_ENDING = 4  # letters of the name behind them
_ENDINGS = ("ed", "ic", "ical", "ing", "al", "ous", "tic")
_YEAR_AT_END = re.compile(r"\s*\(\d{4}\)\s*$")


class Facets(tf.Module):
    """Finds the items that have what a need names.

    Names are exact, so what is named is demanded: an item that has it comes
    before all that have it not. What a need refuses is demanded to be absent.
    A need that is the title of an item, or the title before its colon, names
    these items and nothing else: "True Romance" is no need for a romance, and
    "Star Wars" none for war films.
    """

    def __init__(
        self,
        items: ItemTable,
        category_words: Mapping[str, Sequence[str]] = MappingProxyType({}),
        names: bool = True,
    ):
        """Reads names, years and titles of the catalogue.

        Args:
            items: the catalogue.
            category_words: what is said for a category beside its name; those
                of categories that no item has are passed over.
            names: whether names in descriptions count.
        """
        super().__init__(name="facets")
        self._num_categories = len(items.categories)
        member = np.zeros(
            [items.num_items, self._num_categories + 1], np.float32
        )
        at, slot = np.nonzero(items.category_ids >= 0)
        member[at, items.category_ids[at, slot]] = 1.0
        self._member = tf.Variable(member, trainable=False)
        numbers = _list_names(items.categories, category_words)
        self._names = _build_table(numbers, self._num_categories)
        self._years = NamedYears(list_years(items.titles, items.created_at))
        titles = _list_titles(items.titles)
        distinct = dict.fromkeys(name for title in titles for name in title)
        keys = {name: number for number, name in enumerate(distinct)}
        self._titles = _build_table(keys, len(keys))
        by_row = [[keys[name] for name in title] for title in titles]
        self._title_numbers = tf.Variable(
            np.array(by_row or [[-1, -1]] * items.num_items, np.int32).T,
            trainable=False,
        )  # [2, N]
        self._num_titles = len(keys)
        self._proper_names = (
            ProperNames(items, [*keys], items.categories) if names else None
        )

    def __call__(self, words: tf.RaggedTensor) -> tf.Tensor:
        """Counts what each item lacks.

        Args:
            words: string `[B, (W)]` of `split_words`.

        Returns:
            float32 `[B, N]`: of what is named, how much the item has not; -1
            for the items whose title the need is.
        """
        wanted, refused = self._find_categories(words)
        owned = tf.matmul(wanted, self._member, transpose_b=True)
        lacks = tf.reduce_sum(wanted, axis=1, keepdims=True) - owned
        lacks += tf.matmul(refused, self._member, transpose_b=True)
        lacks += self._years(words)
        if self._proper_names is not None:
            lacks += self._proper_names(words)
        title = self._find_title(words)[:, tf.newaxis]
        is_named = tf.reduce_any(
            title[:, tf.newaxis] == self._title_numbers, axis=1
        )
        is_title = title < self._num_titles
        return tf.where(is_title, -tf.cast(is_named, tf.float32), lacks)

    def _find_title(self, words):
        """The number of the title that a need is, with or without its year."""
        said = tf.strings.reduce_join(words, axis=1, separator=" ")
        found = self._titles.lookup(_drop_article(said))
        said = tf.strings.regex_replace(said, r" (?:18|19|20)\d\d$", "")
        without_year = self._titles.lookup(_drop_article(said))
        return tf.where(found < self._num_titles, found, without_year)

    def _find_categories(self, words):
        """Which categories are named and refused; float32 `[B, G + 1]`."""
        shape = tf.stack([-1, tf.cast(words.bounding_shape(1), tf.int32)])
        said = words.to_tensor("", shape=shape)
        padded = tf.pad(said, [[0, 0], [0, _MAX_NAME]])
        width = tf.shape(said)[1]

        def shift(by):
            return padded[:, by : by + width]

        is_refused = find_refusals(said)
        wanted = refused = tf.zeros(
            [tf.shape(padded)[0], self._num_categories + 1]
        )
        name = tf.fill(tf.shape(said), "")
        for by in range(_MAX_NAME):
            is_inside = shift(by) != ""
            name = tf.strings.join([name, shift(by)])
            found = tf.where(
                is_inside, self._names.lookup(name), self._num_categories
            )
            named = tf.one_hot(found, self._num_categories + 1)
            no = is_refused[..., tf.newaxis]
            wanted += tf.reduce_sum(tf.where(no, 0.0, named), axis=1)
            refused += tf.reduce_sum(tf.where(no, named, 0.0), axis=1)
        is_name = tf.range(self._num_categories + 1) < self._num_categories
        is_said = tf.cast(is_name, tf.float32)
        refused = tf.minimum(refused, is_said)
        return tf.minimum(wanted, is_said) * (1.0 - refused), refused


def _list_names(
    categories: Sequence[str], category_words: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """The spellings of each category, to its number."""
    names: dict[str, int] = {}
    for number, name in enumerate(_fold(categories)):
        names.setdefault(name, number)
    names.pop("", None)
    alike: dict[str, set[int]] = {}
    for name, number in names.items():
        for form in _list_forms(name):
            alike.setdefault(form, set()).add(number)
    for number, category in enumerate(categories):
        for word in _fold(category_words.get(category, ())):
            names.setdefault(word, number)
    for form, numbers in alike.items():
        if len(numbers) == 1:
            names.setdefault(form, numbers.pop())
    return names


def _fold(names: Sequence[str]) -> list[str]:
    """Makes "Sci-Fi" and "sci fi" the same."""
    return ["".join(words) for words in list_words(names)]


def _list_forms(name: str) -> Iterator[str]:
    """Yields words that may stand for a name: "animated" for "animation"."""
    for length in range(max(_MIN_STEM, len(name) - _MAX_ENDING), len(name) + 1):
        for ending in _ENDINGS:
            if not (ending == "tic" and name[length - 1] == "s"):  # fantastic
                yield name[:length] + ending


def _list_titles(titles: Sequence[str]) -> list[tuple[str, str]]:
    """The words of each title without its year and article.

    Returns:
        Of each title the whole, and what is before its colon.
    """
    if not len(titles):
        return []
    plain = [_YEAR_AT_END.sub("", title) for title in titles]
    main = [title.split(":")[0] for title in plain]
    joined = [" ".join(words) for words in list_words([*plain, *main])]
    names = _drop_article(tf.constant(joined)).numpy()
    names = [name.decode() for name in names]
    return list(zip(names[: len(plain)], names[len(plain) :], strict=True))


def _drop_article(titles):
    """Makes "the matrix" and "matrix the" the same."""
    titles = tf.strings.regex_replace(titles, r"^(the|an?) ", "")
    return tf.strings.regex_replace(titles, r" (the|an?)$", "")


def _build_table(numbers, default):
    return tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(
            tf.constant([*numbers] or [""], tf.string),
            tf.constant([*numbers.values()] or [default], tf.int32),
        ),
        default_value=default,
    )
