"""Scripts of texts, and those that a vocabulary has words of. Needs no Keras.

A vocabulary that has no words of a script holds some of its letters all the
same: the model has learnt nothing of them, and its vector of such a text says
nothing.
"""

import collections
import unicodedata
from collections.abc import Collection
from collections.abc import Iterable

_WORD_SHARE = 0.001  # of the vocabulary: a script with as many tokens of
# several letters is read. Of BERT's English vocabulary, Latin has 0.9 and
# the next 0.0003; of XLM-RoBERTa's the rarest that was trained has 0.003
_LETTER_SHARE = 0.05  # of the vocabulary: a script of words of one letter,
# such as Chinese, has as many tokens. English BERT: 0.016; Chinese: 0.7
_MARKS = ("##", "▁")  # of tokens inside and at the begin of words


def find_scripts(text: str) -> set[str]:
    """Finds the scripts of the letters in a text, in lower case.

    A script is named by the first word of its letters' Unicode names:
    "latin", "cjk" (Chinese characters), "hiragana", "cyrillic", "arabic".
    """
    return {_find_script(letter) for letter in text if letter.isalpha()}


def count_scripts(texts: Iterable[str]) -> collections.Counter[str]:
    """Counts the letters of each script in texts."""
    letters = collections.Counter()
    for text in texts:
        letters.update(text)
    scripts = collections.Counter()
    for letter, count in letters.items():
        if letter.isalpha():
            scripts[_find_script(letter)] += count
    return scripts


def find_known_scripts(tokens: Collection[str]) -> set[str]:
    """Finds the scripts that a vocabulary has words of.

    Args:
        tokens: all tokens, without marks; see `strip_mark`.
    """
    tallies = {True: collections.Counter(), False: collections.Counter()}
    for token in tokens:
        is_word = sum(map(str.isalpha, token)) > 1
        for script in find_scripts(token):
            tallies[is_word][script] += 1
            tallies[False][script] += is_word
    return {
        script
        for script, count in tallies[False].items()
        if (
            tallies[True][script] >= _WORD_SHARE * len(tokens)
            and tallies[True][script]
        )
        or count >= _LETTER_SHARE * len(tokens)
    }


def strip_mark(token: str) -> str:
    """Takes the mark away that says where in a word a token stands."""
    for mark in _MARKS:
        token = token.removeprefix(mark)
    return token


def _find_script(letter: str) -> str:
    return unicodedata.name(letter, "unnamed").split()[0].lower()
