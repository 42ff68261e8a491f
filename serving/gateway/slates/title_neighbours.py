"""New items whose titles resemble those of what a user liked."""

import threading
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.title_words import TitleWords
from serving.gateway.slates.title_words import compute_likeness
from serving.gateway.slates.title_words import compute_rarity
from serving.may_show import find_forbidden
from serving.may_show import may_show
from serving.overlay_index import NewItem
from serving.query import Constraints
from serving.query import KindShares
from serving.query import Query
from serving.query import SlateItem

_MIN_LIKENESS = 0.8  # below it titles have a word in common by chance: of who
# likes a film of MovieLens 7% like another of likeness 0.7, 23% one of 1.0
_TOP_PLACE = 4  # of the model's, from 0, whose score an equal title gets
_NUM_PLACES = 50  # further down for a likeness of 0

# Tells of an event's type and value: above 0 = liked, below = disliked.
Judge = Callable[[str, float | None], int]


@dataclass(frozen=True)
class _Nearest:
    likeness: float
    position: int  # in the query
    is_liked: bool


class TitleNeighbours:
    """Adds the sequels of what a user liked to the model's items.

    The vector of an item that nobody has met says what its text says, that of
    a film of 1995 what people did with it: their scores do not compare well,
    and a new item with the very title of one that a fan loves was not among
    her first hundred. Titles are compared with titles instead: words count by
    how rare they are in the catalogue.

    What resembles a disliked title most is left out. Safe in threads.
    """

    def __init__(self, catalogue: Catalogue, judge: Judge, max_added: int):
        """Knows no new item yet.

        Args:
            catalogue: has the titles.
            judge: tells which events are likes and dislikes.
            max_added: items that one slate gains at most.
        """
        self._catalogue = catalogue
        self._judge = judge
        self._max_added = max_added
        self._lock = threading.Lock()
        self._titles: dict[NewItem, TitleWords] = {}  # of items asked for last

    def merge(
        self,
        items: Sequence[SlateItem],
        new: Sequence[NewItem],
        query: Query,
        constraints: Constraints,
        adds: bool,
    ) -> list[SlateItem]:
        """Adds new items, and leaves out what resembles a dislike.

        Args:
            items: the model's, best first, perhaps new ones among them.
            new: all items that the model was not trained with.
            query: what the user did.
            constraints: all that the slate must keep.
            adds: whether items are added; False = the user asks for
                something else.

        Returns:
            The best first. An added item has the score of one of the first
            places, and the liked one as its reason.
        """
        nearest = self._find_nearest(new, query)
        repelled = _list_repelled(nearest)
        kept = [item for item in items if item.item_id not in repelled]
        if not adds or not kept:
            return kept
        forbidden = find_forbidden(constraints, query.item_ids)
        allowed = {
            one.item_id
            for one in new
            if not self._catalogue.is_hidden(one.item_id)
            and may_show(one.item_id, one, constraints, forbidden)
        }
        wanted = sorted(
            (i for i in allowed & nearest.keys() if i not in repelled),
            key=lambda i: (-nearest[i].likeness, -nearest[i].position, i),
        )
        known = {item.item_id: item for item in kept}
        added = {
            item_id: _build_item(
                item_id, nearest[item_id], kept, known.get(item_id)
            )
            for item_id in wanted[: self._max_added]
        }
        rest = [item for item in kept if item.item_id not in added]
        return sorted([*rest, *added.values()], key=lambda one: -one.score)

    def list_repelled(self, new: Sequence[NewItem], query: Query) -> set[str]:
        """Lists the new items that `merge` leaves out: they resemble a dislike.

        Args:
            new: as of `merge`.
            query: likewise.
        """
        return _list_repelled(self._find_nearest(new, query))

    def _find_nearest(
        self, new: Sequence[NewItem], query: Query
    ) -> dict[str, _Nearest]:
        """Finds what a user said of the title nearest to each new one.

        Of two that are equally near the newer counts.
        """
        opinions = self._read_opinions(query)
        titles = self._read_titles(new) if opinions else {}
        found: dict[str, _Nearest] = {}
        for position, (words, is_liked) in opinions.items():
            for item, title in titles.items():
                if title.all.isdisjoint(words.all):
                    continue
                likeness = compute_likeness(words, title, self._weigh)
                best = found.get(item.item_id)
                least = _MIN_LIKENESS if best is None else best.likeness
                if likeness >= least:
                    found[item.item_id] = _Nearest(likeness, position, is_liked)
        return found

    def _read_opinions(
        self, query: Query
    ) -> dict[int, tuple[TitleWords, bool]]:
        """Reads the last word of a user about each item, the oldest first."""
        newest = {item_id: at for at, item_id in enumerate(query.item_ids)}
        opinions = {}
        for at in sorted(newest.values()):
            value = query.values[at] if query.values else None
            kind = query.event_types[at] if query.event_types else ""
            opinion = self._judge(kind, value)
            title = self._catalogue.get_title(query.item_ids[at])
            if opinion and title != query.item_ids[at]:
                opinions[at] = TitleWords(title), opinion > 0
        return opinions

    def _read_titles(
        self, new: Sequence[NewItem]
    ) -> Mapping[NewItem, TitleWords]:
        with self._lock:
            known = self._titles
            self._titles = {
                item: known.get(item) or TitleWords(item.title) for item in new
            }
            return self._titles

    def _weigh(self, word: str) -> float:
        return compute_rarity(
            len(self._catalogue), self._catalogue.count_titles(word)
        )


def _list_repelled(nearest: Mapping[str, _Nearest]) -> set[str]:
    return {item_id for item_id, one in nearest.items() if not one.is_liked}


def _build_item(
    item_id: str,
    nearest: _Nearest,
    items: Sequence[SlateItem],
    known: SlateItem | None,
) -> SlateItem:
    """Gives a new item the score of a place: the more alike, the higher.

    And its probability, by which slates are ordered, too. One that the model
    ranks higher stays as it is.
    """
    place = _TOP_PLACE + round(_NUM_PLACES * (1.0 - nearest.likeness))
    like = items[min(place, len(items) - 1)]
    if known is not None and known.score >= like.score:
        return known
    return SlateItem(
        item_id=item_id,
        score=like.score,
        probability=like.probability,
        rating=None,
        reasons=((nearest.position, 1.0),),
        shares=KindShares(history=1.0),
    )
