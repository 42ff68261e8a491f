"""Finds the names of people, places and things in descriptions."""

import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PARTICLE = re.compile("al|bin|da|de[lnr]?|di|du|el|la|le|van|von")  # de Niro
_ARTICLES = frozenset(("a", "an", "the"))
_MAX_WORDS = 4
_MAX_COMMON = 0.1  # share of a name's occurrences without a capital letter
_MAX_CAPITALS = 0.8  # share of a text's words; a heading has more


class _Token(NamedTuple):
    text: str
    begins_sentence: bool
    follows: bool  # nothing but a space is between it and the one before


def extract_names(descriptions: Sequence[str]) -> list[str]:
    """Lists what is written with capital letters within sentences.

    A name is one to four words in a row that begin with a capital letter: "Tom
    Hanks", "Robert De Niro", "Vienna". A single word is none if the texts also
    have it without one, or only at the beginning of sentences. Of texts in
    scripts without capital letters there are no names; nor of texts most words
    of which have one.

    Args:
        descriptions: texts in their own spelling.

    Returns:
        Distinct names, the most frequent first.
    """
    texts = [_tokenise(text) for text in descriptions]
    texts = [tokens for tokens in texts if _has_sentences(tokens)]
    common, proper = _sort_words(texts)
    names: Counter[str] = Counter()
    for tokens in texts:
        for run in _list_runs(tokens, common):
            if len(run) > 1:
                names[" ".join(run)] += 1
            names.update(
                word for word in run if word.lower() in proper and len(word) > 1
            )
    return [name for name, _ in names.most_common()]


def _sort_words(texts: list[list[_Token]]) -> tuple[set[str], set[str]]:
    """Returns the common words, and those that are names by themselves."""
    small: Counter[str] = Counter()
    large: Counter[str] = Counter()
    inside: set[str] = set()
    for tokens in texts:
        following = [*tokens, _Token("", True, False)][1:]
        for token, after in zip(tokens, following, strict=True):
            word = token.text.lower()
            if not _is_capital(token.text):
                small[word] += 1
                continue
            large[word] += 1
            # A sentence of one word is no sentence: "Brazil."
            if not token.begins_sentence or after.begins_sentence:
                inside.add(word)
    common = {
        word
        for word, count in small.items()
        if count > _MAX_COMMON * (count + large[word])
    }
    return common, inside - common


def _tokenise(text: str) -> list[_Token]:
    tokens = []
    end = 0
    for match in _TOKEN.finditer(text):
        gap = text[end : match.start()]
        is_initial = bool(tokens) and len(tokens[-1].text) == 1
        follows = bool(tokens) and (gap == " " or (gap == ". " and is_initial))
        begins = not tokens or (
            not follows and any(mark in gap for mark in '.!?:\n"“(')
        )
        tokens.append(_Token(match[0], begins, follows))
        end = match.end()
    return tokens


def _has_sentences(tokens: list[_Token]) -> bool:
    capitals = sum(_is_capital(token.text) for token in tokens)
    return capitals <= _MAX_CAPITALS * len(tokens)


def _list_runs(
    tokens: list[_Token], common: set[str]
) -> Iterator[tuple[str, ...]]:
    """Yields words with capital letters that stand side by side."""
    run: list[_Token] = []
    for token in [*tokens, _Token("", True, False)]:
        joins = token.follows and bool(run)
        if joins and (
            _is_capital(token.text) or _PARTICLE.fullmatch(token.text)
        ):
            run.append(token)
            continue
        yield from _trim(run, common)
        run = [token] if _is_capital(token.text) else []


def _trim(run: list[_Token], common: set[str]) -> Iterator[tuple[str, ...]]:
    """Yields the run without particles behind it and common words before."""
    while run and _PARTICLE.fullmatch(run[-1].text):
        run = run[:-1]
    while run and (
        run[0].text.lower() in _ARTICLES
        or (run[0].begins_sentence and run[0].text.lower() in common)
    ):
        run = run[1:]
    if 0 < len(run) <= _MAX_WORDS:
        yield tuple(token.text for token in run)


def _is_capital(word: str) -> bool:
    return word[:1].isupper()
