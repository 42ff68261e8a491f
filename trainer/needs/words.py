"""Texts as words, the same for needs and for the catalogue."""

from collections.abc import Sequence

import tensorflow as tf
import tensorflow_text as tf_text

_DECADES = (
    ("twenties", "20s"),
    ("thirties", "30s"),
    ("forties", "40s"),
    ("fifties", "50s"),
    ("sixties", "60s"),
    ("seventies", "70s"),
    ("eighties", "80s"),
    ("nineties", "90s"),
)  # not "forty", which a plural would become
_PLURALS = (
    (r"^(\p{Latin}{2,})ies$", r"\1y"),
    (r"^(\p{Latin}{3,})ie$", r"\1y"),  # "zombie" as "zombies"
    (r"^(\p{Latin}{2,}[^siu])s$", r"\1"),
)


_MAX_SHORT = 8  # words of a need that is none of a whole sentence


def is_long(words: tf.RaggedTensor) -> tf.Tensor:
    """Whether a need describes, in a sentence or more, what it wants.

    Args:
        words: string `[B, (W)]` of `split_words`.

    Returns:
        bool `[B]`.
    """
    return words.row_lengths() > _MAX_SHORT


def split_words(texts: tf.Tensor) -> tf.RaggedTensor:
    """Splits texts into words without case, accents and plural endings.

    Args:
        texts: string `[B]`; what is not UTF-8 is replaced.

    Returns:
        string `[B, (W)]`.
    """
    words = cut_words(texts)
    return words.with_flat_values(strip_plurals(words.flat_values))


def cut_words(texts: tf.Tensor) -> tf.RaggedTensor:
    """Splits texts into words without case and accents.

    Letters of scripts that put no spaces between words are words.

    Args:
        texts: string `[B]`; what is not UTF-8 is replaced.

    Returns:
        string `[B, (W)]`.
    """
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8")
    texts = tf_text.normalize_utf8(tf_text.case_fold_utf8(texts), "NFKD")
    for pattern, replacement in (
        (r"[\p{M}'’]", ""),
        (r"[^\p{L}\p{N}]+", " "),
        (r"([\p{Han}\p{Hiragana}\p{Katakana}])", r" \1 "),
        *((rf"\b{name}\b", digits) for name, digits in _DECADES),
    ):
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    return tf.strings.split(tf.strings.strip(texts))


def list_words(texts: Sequence[str]) -> list[list[str]]:
    """Splits texts outside a graph, as `split_words` does."""
    if not len(texts):
        return []
    found = split_words(tf.constant(list(texts), tf.string)).to_list()
    return [[word.decode() for word in words] for words in found]


def strip_plurals(words: tf.Tensor) -> tf.Tensor:
    """Makes "comedies" to "comedy", "robots" to "robot"."""
    for pattern, replacement in _PLURALS:
        words = tf.strings.regex_replace(words, pattern, replacement)
    return words
