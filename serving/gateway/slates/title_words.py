"""The words of titles: how they are written, found and compared."""

import math
import re
import unicodedata
from collections.abc import Callable
from collections.abc import Sequence

_WORD = re.compile(r"\w+")
_APOSTROPHE = re.compile("['’]")
_SUBTITLE = re.compile(r"[:(\[]|\s-\s")
_YEAR = re.compile(r"\s*\((\d{4})\)\s*$")
_LATE_ARTICLE = re.compile(r", (the|a|an)\s*(?=\(|$)", re.IGNORECASE)
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
        folded = _APOSTROPHE.sub("", title.casefold())
        self.all = _select(folded)
        self.main = _select(_SUBTITLE.split(folded)[0]) or self.all


def fold_title(title: str) -> str:
    """Leaves out case, accents and apostrophes."""
    folded = _APOSTROPHE.sub("", title.casefold())
    if folded.isascii():
        return folded
    letters = unicodedata.normalize("NFKD", folded)
    return "".join(one for one in letters if not unicodedata.combining(one))


def list_words(text: str) -> list[str]:
    """Lists the words of a text as they stand."""
    return _WORD.findall(text)


def drop_articles(words: Sequence[str]) -> list[str]:
    """Leaves the articles out."""
    return [word for word in words if word not in _ARTICLES]


def list_title_words(title: str) -> list[str]:
    """Lists a title's words in order, "Matrix, The" as "Matrix"."""
    folded = _LATE_ARTICLE.sub(" ", title.casefold())
    words = list_words(_APOSTROPHE.sub("", folded))
    return words[1:] if words and words[0] in _ARTICLES else words


def is_title(words: Sequence[str], title: str) -> bool:
    """Tells whether words are all of a title, with or without its year."""
    own = list_title_words(fold_title(title))
    undated = own[:-1] if own and own[-1].isdigit() else own
    return list(words) in (own, undated)


def begins_with(title: str, words: Sequence[str]) -> bool:
    """Tells whether a title begins with words; see `list_title_words`.

    A single word must be all that stands before a colon or a bracket, but for
    numbers: "Alien" begins "Alien 3", not "Alien Nation".
    """
    if len(words) > 1:
        return list_title_words(title)[: len(words)] == list(words)
    main, *others = list_title_words(re.split(r"[:(]", title)[0]) or [""]
    return [main] == list(words) and all(map(str.isdigit, others))


def find_year(title: str) -> int | None:
    """Returns the year in brackets at a title's end; None = there is none."""
    found = _YEAR.search(title)
    return int(found[1]) if found else None


def remove_year(title: str) -> str:
    """Takes the year in brackets off a title's end."""
    return _YEAR.sub("", title)


def say_title(title: str) -> str:
    """Writes a title as people say it: "The Matrix" for "Matrix, The (1999)".

    What stands in brackets behind such an article is left out.
    """
    undated = remove_year(title).strip()
    found = _LATE_ARTICLE.search(undated)
    if found is None:
        return undated
    return f"{found[1]} {undated[: found.start()]}"


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
    words = frozenset(list_words(text)) - _ARTICLES
    telling = {word for word in words - _ROMAN - _EPISODE if not word.isdigit()}
    return frozenset(telling) or words
