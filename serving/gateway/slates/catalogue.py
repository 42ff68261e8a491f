"""The gateway's catalogue, with a search by title."""

import bisect
import itertools
import json
import re
import threading
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

from serving.gateway.behavior.log.record_json import encode_item
from serving.gateway.records.item_facts import ItemFacts

_WORD = re.compile(r"\w+")
_MAX_QUERY_WORDS = 16


class Catalogue:
    """Facts by item id, and a search by the first letters of words.

    Safe in threads. Items are added while it serves.
    """

    def __init__(self, items: Iterable[ItemFacts] = ()):
        """Indexes the items."""
        self._lock = threading.Lock()
        self._facts: dict[str, ItemFacts] = {}
        self._ids_by_word: dict[str, set[str]] = {}
        self._words: list[str] = []  # sorted
        for item in items:
            self._put(item)
        self._words = sorted(self._ids_by_word)

    def __len__(self) -> int:
        return len(self._facts)

    def get(self, item_id: str) -> ItemFacts | None:
        """Returns the facts of an item; None = unknown."""
        return self._facts.get(item_id)

    def get_title(self, item_id: str) -> str:
        """Returns the title, or the id itself where the item is unknown."""
        facts = self._facts.get(item_id)
        return item_id if facts is None else facts.title

    def put(self, items: Sequence[ItemFacts]) -> None:
        """Adds items, or replaces those of the same id."""
        with self._lock:
            for item in items:
                self._put(item)
            self._words = sorted(self._ids_by_word)

    def search(self, text: str, limit: int) -> list[ItemFacts]:
        """Finds items whose title has a word that begins with each word typed.

        Args:
            text: what somebody typed; no word = any item.
            limit: the most items returned.

        Returns:
            Items whose title begins with the text first, then by title.
        """
        typed = _WORD.findall(text.casefold())[:_MAX_QUERY_WORDS]
        with self._lock:
            if not typed:
                return list(itertools.islice(self._facts.values(), limit))
            found = set.intersection(*map(self._list_ids, set(typed)))
            items = [self._facts[item_id] for item_id in found]
        folded = text.strip().casefold()
        items.sort(
            key=lambda item: (
                not item.title.casefold().startswith(folded),
                item.title,
                item.item_id,
            )
        )
        return items[:limit]

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
        if old is not None:
            for word in _list_words(old):
                ids = self._ids_by_word[word]
                ids.discard(item.item_id)
                if not ids:
                    del self._ids_by_word[word]
        self._facts[item.item_id] = item
        for word in _list_words(item):
            self._ids_by_word.setdefault(word, set()).add(item.item_id)


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
    return set(_WORD.findall(item.title.casefold()))
