"""The gateway's catalogue, with a search by title."""

import bisect
import itertools
import json
import threading
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from serving.gateway.behavior.log.record_json import encode_item
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.title_words import begins_with
from serving.gateway.slates.title_words import drop_articles
from serving.gateway.slates.title_words import fold_title
from serving.gateway.slates.title_words import is_title
from serving.gateway.slates.title_words import list_title_words
from serving.gateway.slates.title_words import list_words

_MAX_QUERY_WORDS = 16
_MIN_STEM = 5  # letters that two words for a category have in common
_MAX_ENDING = 4  # letters behind them
_ENDINGS = ("ed", "ic", "ical", "ing", "al")  # of words for a category


class Catalogue:
    """Facts by item id, and a search by the first letters of words.

    Of a deleted item only the title is told, for what people did with it.

    Safe in threads. Items come, change and leave while it serves.
    """

    def __init__(
        self,
        items: Iterable[ItemFacts] = (),
        category_words: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ):
        """Indexes the items.

        Args:
            items: to begin with.
            category_words: category to what people say for it beside its
                name.
        """
        self._said = {
            _fold_name(word): _fold_name(category)
            for category, words in category_words.items()
            for word in words
        }
        self._lock = threading.Lock()
        self._facts: dict[str, ItemFacts] = {}
        self._hidden: dict[str, ItemFacts] = {}  # deleted, or out of stock
        self._told: set[str] = set()  # that were put since
        self._ids_by_word: dict[str, set[str]] = {}
        self._words: list[str] = []  # sorted
        self._ids_by_category: dict[str, set[str]] = {}
        for item in items:
            self._put(item)
        self._words = sorted(self._ids_by_word)

    def __len__(self) -> int:
        return len(self._facts)

    def get(self, item_id: str) -> ItemFacts | None:
        """Returns the facts of an item; None = unknown, or deleted."""
        return self._facts.get(item_id)

    def list_items(self) -> list[ItemFacts]:
        """Lists all items, also those that are out of stock."""
        with self._lock:
            return list(self._facts.values())

    def is_hidden(self, item_id: str) -> bool:
        """Whether no slate may hold an item: out of stock, or deleted."""
        return item_id in self._hidden

    def is_told(self, item_id: str) -> bool:
        """Whether an item was put, so that a model may know other facts."""
        return item_id in self._told

    def list_told_or_hidden(self) -> list[str]:
        """Lists the ids of all items of which a model may know other facts."""
        with self._lock:
            return list(self._told.union(self._hidden))

    def get_title(self, item_id: str) -> str:
        """Returns the title, or the id itself where the item is unknown."""
        facts = self._facts.get(item_id) or self._hidden.get(item_id)
        return item_id if facts is None else facts.title

    def put(self, items: Sequence[ItemFacts]) -> None:
        """Adds items, or replaces those of the same id; deleted ones leave."""
        with self._lock:
            for item in items:
                self._put(item)
                self._told.add(item.item_id)
            self._words = sorted(self._ids_by_word)

    def count_titles(self, word: str) -> int:
        """Counts the titles that have a word, in lower case."""
        return len(self._ids_by_word.get(word, ()))

    def search(
        self,
        text: str,
        limit: int,
        popularity: Mapping[str, float] = MappingProxyType({}),
    ) -> list[ItemFacts]:
        """Finds items whose title has a word that begins with each word typed.

        Articles do not count beside other words, and accents and apostrophes
        need not be typed: "The Matrix" finds "Matrix, The (1999)".

        Args:
            text: what somebody typed; no word = any item.
            limit: the most items returned.
            popularity: by item id, the most popular first.

        Returns:
            The item with just this title first, then by popularity, then by
            title.
        """
        typed = list_words(fold_title(text))[:_MAX_QUERY_WORDS]
        typed = drop_articles(typed) or typed
        with self._lock:
            if not typed:
                popular = (one for one in popularity if one in self._facts)
                others = (one for one in self._facts if one not in popularity)
                ids = itertools.chain(popular, others)
                return [
                    self._facts[one] for one in itertools.islice(ids, limit)
                ]
            found = set.intersection(*map(self._list_ids, set(typed)))
            items = [self._facts[item_id] for item_id in found]
        items.sort(
            key=lambda item: (
                not is_title(typed, item.title),
                -popularity.get(item.item_id, 0.0),
                not item.title.casefold().startswith(typed[0]),
                item.title,
                item.item_id,
            )
        )
        return items[:limit]

    def find_in_category(self, name: str) -> frozenset[str]:
        """Finds the items of a category.

        Args:
            name: in singular or plural, in any case, with or without hyphens,
                or another word for it.

        Returns:
            Their ids; none where there is no such category.
        """
        with self._lock:
            for spelling in _list_spellings(_fold_name(name)):
                category = self._said.get(spelling, spelling)
                for known in (spelling, category):
                    if known in self._ids_by_category:
                        return frozenset(self._ids_by_category[known])
        return frozenset()

    def guess_category(self, name: str) -> frozenset[str]:
        """Finds the items of the one category that a word may stand for.

        Args:
            name: one word with an ending that no category has: "animated" for
                Animation.

        Returns:
            Their ids; none where no category begins alike, or several do.
        """
        word = _fold_name(name)
        if len(name.split()) != 1 or not word.endswith(_ENDINGS):
            return frozenset()
        with self._lock:
            alike = [
                one for one in self._ids_by_category if _is_alike(word, one)
            ]
            if len(alike) != 1:
                return frozenset()
            return frozenset(self._ids_by_category[alike[0]])

    def find_titled(self, name: str) -> frozenset[str]:
        """Finds the items whose title begins with a name.

        Articles do not count. A single word must be all of the title before a
        colon or a bracket, but for numbers: "Alien" names "Alien 3", not
        "Alien Nation", and "The" names nothing.

        Returns:
            Their ids; none for no word.
        """
        wanted = list_title_words(name)
        words = set(drop_articles(list_words(name.casefold())))
        if not wanted or not words:
            return frozenset()
        with self._lock:
            known = [self._ids_by_word.get(word, ()) for word in words]
            found = list(min(known, key=len))
        return frozenset(
            item_id
            for item_id in found
            if all(item_id in ids for ids in known)
            and begins_with(self.get_title(item_id), wanted)
        )

    def _list_ids(self, prefix: str) -> set[str]:
        first = bisect.bisect_left(self._words, prefix)
        found: set[str] = set()
        for word in self._words[first:]:
            if not word.startswith(prefix):
                break
            found |= self._ids_by_word[word]
        return found

    def _put(self, item: ItemFacts) -> None:
        old = self._facts.get(item.item_id)
        for ids_by_name, list_names in (
            (self._ids_by_word, _list_words),
            (self._ids_by_category, _list_categories),
        ):
            for name in list_names(old) if old is not None else ():
                ids = ids_by_name[name]
                ids.discard(item.item_id)
                if not ids:
                    del ids_by_name[name]
            for name in () if item.is_deleted else list_names(item):
                ids_by_name.setdefault(name, set()).add(item.item_id)
        if item.is_hidden:
            self._hidden[item.item_id] = item
        else:
            self._hidden.pop(item.item_id, None)
        if item.is_deleted:
            self._facts.pop(item.item_id, None)
        else:
            self._facts[item.item_id] = item


def read_catalogue(path: Path) -> Iterator[ItemFacts]:
    """Reads items from JSON Lines, keys as of `ItemFacts`.

    Raises:
        ValueError: a line is no such item; the message names it.
        OSError: the file cannot be read.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                fields = json.loads(line)
                categories = tuple(fields.pop("categories", None) or ())
                item = ItemFacts(categories=categories, **fields)
                encode_item(item)  # what cannot be written cannot be answered
                yield item
            except (AttributeError, TypeError, ValueError) as error:
                raise ValueError(
                    f"{path}:{number} must be a JSON object with `item_id`, "
                    f"`title` and other facts of an item. Received: {error}."
                ) from error


def _list_words(item: ItemFacts) -> set[str]:
    words = set(list_words(item.title.casefold()))
    return words.union(list_words(fold_title(item.title)))


def _list_categories(item: ItemFacts) -> set[str]:
    return {_fold_name(name) for name in item.categories}


def _fold_name(name: str) -> str:
    """Makes spellings of one category the same: "Sci-Fi", "sci fi"."""
    return "".join(list_words(name.casefold())).replace("_", "")


def _list_spellings(folded: str) -> Iterator[str]:
    """Yields a name, then its singular and its plural."""
    yield folded
    for plural, singular in (("ies", "y"), ("es", ""), ("s", "")):
        if len(folded) > len(plural) + 2 and folded.endswith(plural):
            yield folded.removesuffix(plural) + singular
    if len(folded) >= _MIN_STEM:
        yield folded + "s"


def _is_alike(word: str, category: str) -> bool:
    """Whether two words have a stem in common."""
    letters = zip(word, category, strict=False)
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], letters)
    stem = len(list(same))
    ending = max(len(word), len(category)) - stem
    return stem >= _MIN_STEM and ending <= _MAX_ENDING
