"""How alike two titles are, by the words that few titles have."""

import math
import re
from collections.abc import Callable

_WORD = re.compile(r"\w+")
_SUBTITLE = re.compile(r"[:(\[]|\s-\s")
_ARTICLES = frozenset(("the", "a", "an"))
_ROMAN = frozenset(
    ("ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
)
_EPISODE = frozenset(("part", "episode", "chapter", "volume", "vol", "season"))


class TitleWords:
    """The words of a title, without what tells a sequel from its original.

    Numbers, years in brackets and articles do not count, but where there is
    nothing else: "300" is a title.

    Attributes:
        all: words of the whole title.
        main: words before a colon or bracket: "Star Wars" of "Star Wars:
            Episode IV"; the same as `all` where these would be none.
    """

    def __init__(self, title: str):
        """Splits a title."""
        folded = re.sub(r"['’]", "", title.casefold())
        self.all = _select(folded)
        self.main = _select(_SUBTITLE.split(folded)[0]) or self.all


def compute_likeness(
    one: TitleWords, other: TitleWords, weigh: Callable[[str], float]
) -> float:
    """Returns how alike two titles are, in [0, 1].

    It is the share of their words' weight that both have (Dice), of the whole
    titles or of what comes before their subtitles, whichever is more alike: a
    sequel repeats all of a title, and often adds a subtitle.

    Args:
        one: a title.
        other: likewise.
        weigh: a word's weight, above 0: the rarer, the heavier.
    """
    return max(
        _compare(one.all, other.all, weigh),
        _compare(one.main, other.main, weigh),
    )


def compute_rarity(num_titles: int, num_with_word: int) -> float:
    """Returns the inverse document frequency of a word; above 0.

    Args:
        num_titles: in the catalogue.
        num_with_word: of these, that have it; a word that none has is as rare
            as one that one title has.
    """
    return math.log1p(max(num_titles, 1) / max(num_with_word, 1))


def _compare(one, other, weigh) -> float:
    total = sum(map(weigh, one)) + sum(map(weigh, other))
    return 2.0 * sum(map(weigh, one & other)) / total if total else 0.0


def _select(text: str) -> frozenset[str]:
    words = frozenset(_WORD.findall(text)) - _ARTICLES
    telling = {word for word in words - _ROMAN - _EPISODE if not word.isdigit()}
    return frozenset(telling) or words
