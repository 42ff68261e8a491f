"""What a need refuses, and what it asks for by title."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from serving.gateway.slates.catalogue import Catalogue

_CUES = (
    r"no more|not about|but no|but not|no|not|nothing but|without any|without"
    r"|except for|except|anything but|other than|nothing with|nothing"
    r"|(?:i )?(?:don't|dont|do not) (?:want|like)(?: to see)?(?: any)?"
)
_REFUSAL = re.compile(
    rf"(?:^|(?<=[\s,;.:(]))(?P<cue>{_CUES})\s+(?P<what>[^,;.:()!?\n]+)"
    r"|(?P<cue_zh>不要|不想看|不看|除了)\s*(?P<what_zh>[^,;.:()!?，。；！？\s]+)",
    re.IGNORECASE,
)
_ONLY = ("nothing but",)  # what looks like a refusal, and is none
_UNTIL = re.compile(
    r"\s+(?:but|that|with|and (?:a|an|the|some|i))\s+.*", re.IGNORECASE
)
_BETWEEN = re.compile(
    r"\s+(?:or|nor|and)\s+(?:(?:no|not|nothing|without)\s+)?|/|&", re.IGNORECASE
)
_EMPTY_WORDS = (
    *("a", "an", "any", "the", "more", "please", "one", "ones"),
    *("film", "films", "movie", "movies", "song", "songs"),
    *("item", "items", "thing", "things", "stuff"),
)
_MAX_NAMED = 10  # a beginning that more titles have is no name
_MAX_EXCLUDED = 20_000  # ids in one request
_EDGES = " \t\n,;.:-!?，。；！？"


@dataclass(frozen=True, kw_only=True)
class ReadNeed:
    """A need, read.

    Attributes:
        text: what is wanted, without what is refused; "" = nothing is said.
        excluded_item_ids: the items that are refused, each once.
        unmet: what is refused in words that name no category and no title
            here, or more items than a request can exclude.
        named_item_ids: the items whose title the text is, or begins, the
            shortest title first.
    """

    text: str
    excluded_item_ids: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    named_item_ids: tuple[str, ...] = ()


def read_need(need: str, catalogue: Catalogue) -> ReadNeed:
    """Finds what a need refuses.

    A refusal names a category ("comedies", "animated"), or the beginning of
    titles. It is taken out of the text: read by a language model, "no horror"
    is near to horror. A need that is itself the beginning of a title ("No
    Country for Old Men") refuses nothing.

    Args:
        need: what somebody typed or said.
        catalogue: what categories and titles there are.
    """
    excluded: dict[str, None] = {}
    unmet: dict[str, None] = {}
    parts, end = [], 0
    for found in _REFUSAL.finditer(need):
        if catalogue.find_titled(need[found.start() :].strip(_EDGES)):
            continue
        if (found["cue"] or "").casefold() in _ONLY:
            continue
        what = found["what"] or found["what_zh"]
        what = _UNTIL.sub("", what)
        begin = found.start("what") if found["what"] else found.start("what_zh")
        parts.append(need[end : found.start()])
        end = begin + len(what)
        for name in _split(what, catalogue):
            ids = catalogue.find_in_category(name) or catalogue.find_titled(
                name
            )
            if ids and len(excluded.keys() | ids) <= _MAX_EXCLUDED:
                excluded.update(dict.fromkeys(sorted(ids)))
            else:
                unmet[name] = None
    text = need
    if parts:
        parts.append(need[end:])
        text = " ".join(part.strip(_EDGES) for part in parts).strip(_EDGES)
    return ReadNeed(
        text=text,
        excluded_item_ids=tuple(excluded),
        unmet=tuple(unmet),
        named_item_ids=tuple(
            item_id
            for item_id in _find_named(text, catalogue)
            if item_id not in excluded
        ),
    )


def _find_named(text: str, catalogue: Catalogue) -> list[str]:
    """Finds the items that a text names; none where it may mean more."""
    if catalogue.find_in_category(text):
        return []
    found = catalogue.find_titled(text)
    if len(found) > _MAX_NAMED:
        return []
    return sorted(found, key=lambda one: (len(catalogue.get_title(one)), one))


def _split(what: str, catalogue: Catalogue) -> Iterator[str]:
    """Divides "horror or the comedies" into names."""
    whole = what.strip(_EDGES)
    if catalogue.find_titled(whole):  # "Pride and Prejudice" is one
        yield whole
        return
    for part in _BETWEEN.split(whole):
        words = part.split()
        while words and words[0].casefold() in _EMPTY_WORDS:
            words.pop(0)
        while words and words[-1].casefold() in _EMPTY_WORDS:
            words.pop()
        if words:
            yield " ".join(words)
