"""What a need refuses, and what it asks for by title."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field

from serving.gateway.slates.catalogue import Catalogue

_WANT = (
    r"(?:want|like|need|recommend|show me)"
    r"(?: to (?:see|watch|read|hear|listen to))?"
)
_REFUSAL = re.compile(
    r"(?:^|(?<=[\s,;.:()\"'/，。；、]))"
    # What looks like a refusal, and is none.
    r"(?:(?P<none>why not|or not|not (?:only|just|even|against|seen|watched"
    r"|read|heard)|no (?:matter|idea|problem)|nothing but"
    r"|(?:don't|dont|do not) mind)\b"
    r"|(?:(?:but )?(?:no more|not about|not in the mood for|no|not)"
    r"|nothing with|nothing|without|w/o|except for|except|anything but"
    r"|other than|neither|avoid|(?:i )?(?:hate|dislike|can't stand)"
    rf"|(?:i )?(?:don't|dont|do not) {_WANT})(?![\w'-])"
    r"|non-(?=\w))"
    r"|(?<!要)(?:不要|不想看|不看|除了)",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"[,;.:()!?\"，。；！？]"
    r"|\s(?:but|and (?:no|not|nothing|without|i|a|an|some))\b",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s")
_LIST = re.compile(r"\s*,\s*([^,;.:()!?\"，。；！？]+)")
_BETWEEN = re.compile(r"\s+(?:or|nor|and)\s+|[/&+]|[和或]", re.IGNORECASE)
_EMPTY_WORDS = (
    *("a", "an", "any", "the", "more", "please", "one", "ones", "of"),
    *("film", "films", "movie", "movies", "song", "songs"),
    *("item", "items", "thing", "things", "stuff", "genre", "elements"),
    *("tonight", "today", "now", "again", "either", "for", "me", "at", "all"),
)
_MAX_REFUSALS = 10  # of one need
_MAX_TITLE_WORDS = 10
_MAX_NAMED = 10  # a beginning that more titles have is no name
MAX_EXCLUDED = 20_000  # ids in one request
_EDGES = " ,;.:-/!?()\"'，。；！？"
_JOINTS = re.compile(
    r"^(?:and|but|or)(?:\s+|$)|(?:^|\s+)(?:and|but|or|with)$", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class ReadNeed:
    """A need, read.

    Attributes:
        text: what is wanted, without what is refused; "" = nothing is said.
        excluded_item_ids: the items that are refused, each once.
        unmet: what is refused and not excluded: words that name no category
            and no title here, or a category of too many items.
        named_item_ids: the items whose title the text is, or begins, the
            shortest title first.
    """

    text: str
    excluded_item_ids: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()
    named_item_ids: tuple[str, ...] = ()


def read_need(need: str, catalogue: Catalogue) -> ReadNeed:
    """Finds what a need refuses, and which items it names.

    A refusal names categories ("comedies", "animated"), or the beginning of
    titles. It is taken out of the text: read by a language model, "no horror"
    is near to horror. A need that is itself the beginning of a title ("No
    Country for Old Men") refuses nothing.

    Args:
        need: what somebody typed or said.
        catalogue: what categories and titles there are.
    """
    refused = _Refused(catalogue)
    text = " ".join(need.replace("’", "'").split())
    if not catalogue.find_titled(text):
        parts = list(_take_refusals_out(text, refused))
        text = " ".join(filter(None, map(_strip_joints, parts)))
    if not refused.number:
        text = need
    return ReadNeed(
        text=text,
        excluded_item_ids=tuple(refused.item_ids),
        unmet=tuple(refused.unmet),
        named_item_ids=tuple(
            item_id
            for item_id in _find_named(text, catalogue)
            if item_id not in refused.item_ids
        ),
    )


@dataclass
class _Refused:
    """What has been refused so far; dicts keep the order."""

    catalogue: Catalogue
    number: int = 0
    item_ids: dict[str, None] = field(default_factory=dict)
    unmet: dict[str, None] = field(default_factory=dict)

    def add(self, name: str, item_ids: frozenset[str]) -> None:
        """Excludes what a name means, or keeps the name as unmet."""
        if item_ids and len(self.item_ids.keys() | item_ids) <= MAX_EXCLUDED:
            self.item_ids.update(dict.fromkeys(sorted(item_ids)))
        else:
            self.unmet[name] = None

    def add_names(self, names: str) -> None:
        """Reads "horror or the comedies"."""
        for name in _split(names, self.catalogue):
            self.add(name, _find(name, self.catalogue))


def _take_refusals_out(text: str, refused: _Refused) -> Iterator[str]:
    """Yields the parts of a need that are left."""
    kept, at = 0, 0
    while refused.number < _MAX_REFUSALS:
        found = _REFUSAL.search(text, at)
        if found is None:
            break
        at = found.end()
        title = _measure_title(text[found.start() :], refused.catalogue)
        if title > len(found[0]):  # "No Time to Die"
            at = found.start() + title
        elif not found["none"]:
            is_word = found[0].endswith("-")  # "non-horror"
            end = _read_refusal(text, at, is_word, refused)
            if end > at:
                yield text[kept : found.start()]
                refused.number += 1
                kept = at = end
    yield text[kept:]


def _read_refusal(
    text: str, begin: int, is_word: bool, refused: _Refused
) -> int:
    """Reads what stands behind a word of refusal; returns where it ends."""
    while begin < len(text) and text[begin] in _EDGES:
        begin += 1
    stop = (_SPACE if is_word else _STOP).search(text, begin)
    end = stop.start() if stop else len(text)
    title = _measure_title(text[begin:], refused.catalogue)
    if title and not _is_category(text[begin : begin + title], refused):
        name = text[begin : begin + title]
        refused.add(name, refused.catalogue.find_titled(name))
        return begin + title
    if not text[begin:end].strip(_EDGES):
        return 0
    refused.add_names(text[begin:end])
    return _read_list(text, end, refused)


def _read_list(text: str, begin: int, refused: _Refused) -> int:
    """Reads on in "no horror, comedy or war"; returns where the list ends.

    What follows after one comma alone may be what is wanted.
    """
    names, end, is_list = [], begin, False
    while found := _LIST.match(text, end):
        parts = [part.strip() for part in _BETWEEN.split(found[1])]
        if not all(_is_category(part, refused) for part in parts):
            break
        names += parts
        is_list |= len(names) > 1
        end = found.end()
    if not is_list:
        return begin
    for name in names:
        refused.add_names(name)
    return end


def _is_category(name: str, refused: _Refused) -> bool:
    return bool(refused.catalogue.find_in_category(name))


def _find(name: str, catalogue: Catalogue) -> frozenset[str]:
    return (
        catalogue.find_in_category(name)
        or catalogue.find_titled(name)
        or catalogue.guess_category(name)
    )


def _split(names: str, catalogue: Catalogue) -> Iterator[str]:
    """Divides "horror or the comedies" into names."""
    whole = _strip_words(names)
    parts = [whole]
    if not catalogue.find_in_category(whole):  # "Drum and Bass" is one
        parts = map(_strip_words, _BETWEEN.split(whole))
    return (part for part in parts if part)


def _strip_joints(part: str) -> str:
    """Takes off what joined a part of a need to what was refused."""
    return _JOINTS.sub("", part.strip(_EDGES)).strip(_EDGES)


def _strip_words(name: str) -> str:
    """Takes words off both ends that name nothing."""
    words = name.strip(_EDGES).split()
    while words and words[0].casefold() in _EMPTY_WORDS:
        words.pop(0)
    while words and words[-1].casefold() in _EMPTY_WORDS:
        words.pop()
    return " ".join(words)


def _measure_title(text: str, catalogue: Catalogue) -> int:
    """How many characters of a text are the beginning of a title; 0 = none."""
    words = list(re.finditer(r"\S+", text))[:_MAX_TITLE_WORDS]
    for word in reversed(words):
        name = text[: word.end()].rstrip(_EDGES)
        if name and catalogue.find_titled(name):
            return len(name)
    return 0


def _find_named(text: str, catalogue: Catalogue) -> list[str]:
    """Finds the items that a text names; none where it may mean more."""
    if catalogue.find_in_category(text):
        return []
    found = catalogue.find_titled(text)
    if len(found) > _MAX_NAMED:
        return []
    return sorted(found, key=lambda one: (len(catalogue.get_title(one)), one))
