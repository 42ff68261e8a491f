"""The years and decades that a need names."""

import re
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

_IN_BRACKETS = re.compile(r"\(((?:18|19|20)\d\d)\)\s*$")
_YEAR = r"(?:18|19|20)\d\d"
_BEFORE = r"(?:before|until|pre)"
_AFTER = r"(?:after|post)"
_SINCE = "since"
_TO = r" (?:to |and |until )?"
_NONE = 0  # no year


class NamedYears(tf.Module):
    """Finds the items of the years that a need names.

    "1994", "1990s", "90s", "before 1960", "1990 to 1995". Where no item of the
    catalogue is of these years, nothing is named.
    """

    def __init__(self, years: np.ndarray):
        """Keeps the years.

        Args:
            years: int `[N]`, 0 = not known.
        """
        super().__init__(name="named_years")
        self._years = tf.Variable(years.astype(np.int32), trainable=False)

    def __call__(self, words: tf.RaggedTensor) -> tf.Tensor:
        """Marks the items of other years.

        Args:
            words: string `[B, (W)]` of `split_words`.

        Returns:
            float32 `[B, N]`, 1 where the need names years and the item is of
            another, or of none that is known.
        """
        text = tf.strings.reduce_join(words, axis=1, separator=" ")
        first, last = _read_range(text)
        years = self._years[tf.newaxis]
        is_inside = (years >= first[:, tf.newaxis]) & (
            years <= last[:, tf.newaxis]
        )
        is_inside &= years != _NONE
        is_any = tf.reduce_any(is_inside, axis=1, keepdims=True)
        return tf.cast(is_any & ~is_inside, tf.float32)


def list_years(titles: Sequence[str], created_at: np.ndarray) -> np.ndarray:
    """Finds the year of each item, in its time of creation or its title.

    Args:
        titles: of the N items; a year in brackets at the end counts.
        created_at: float64 `[N]`, seconds, NaN where unknown.

    Returns:
        int32 `[N]`, 0 = not known.
    """
    is_known = ~np.isnan(created_at)
    seconds = np.where(is_known, created_at, 0.0).astype(np.int64)
    moments = seconds.astype("datetime64[s]").astype("datetime64[Y]")
    years = np.where(is_known, moments.astype(np.int64) + 1970, _NONE)
    for row, title in enumerate(titles):
        found = None if is_known[row] else _IN_BRACKETS.search(title)
        if found:
            years[row] = int(found[1])
    return years.astype(np.int32)


def _read_range(text):
    """The first and the last year that is named; int32 `[B]` each."""
    first = tf.zeros(tf.shape(text), tf.int32)
    last = first - 1  # nothing is between
    for decade, pattern in _list_decades():
        is_named = _holds(text, pattern)
        first = tf.where(is_named, decade, first)
        last = tf.where(is_named, decade + 9, last)
    year = _take_number(text, _YEAR)
    is_named = year != _NONE
    is_before = _holds(text, rf"{_BEFORE} {_YEAR}")
    is_after = _holds(text, rf"{_AFTER} {_YEAR}")
    is_since = _holds(text, rf"{_SINCE} {_YEAR}") | is_after
    until = _take_number(text, rf"{_YEAR}{_TO}({_YEAR})", group=2)
    lowest = tf.where(is_before, 1, tf.where(is_after, year + 1, year))
    highest = tf.where(is_before, year - 1, tf.where(is_since, 9999, year))
    is_range = until >= year
    lowest = tf.where(is_range, year, lowest)
    highest = tf.where(is_range, until, highest)
    first = tf.where(is_named, lowest, first)
    last = tf.where(is_named, highest, last)
    return first, last


def _list_decades():
    """The decades with what names them."""
    for decade in range(1880, 2030, 10):
        names = [f"{decade}s"]
        if 1920 <= decade < 2000:
            names.append(f"{decade % 100}s")
        yield decade, "(?:" + "|".join(names) + ")"


def _holds(text, pattern):
    return tf.strings.regex_full_match(text, rf"(?:.* )?{pattern}(?: .*)?")


def _take_number(text, pattern, group=1):
    """The year in a group of a pattern as int32, 0 where there is none."""
    found = tf.strings.regex_replace(
        text, rf"^(?:.*? )??({pattern})(?: .*)?$", rf"\{group}"
    )
    is_found = tf.strings.regex_full_match(found, _YEAR)
    return tf.strings.to_number(tf.where(is_found, found, "0"), tf.int32)
