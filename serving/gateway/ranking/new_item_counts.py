"""What people did with new items, beside what they do with all others."""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from serving.gateway.ranking.exploration import NUM_PLACES
from serving.gateway.records.event import MAX_ID_LENGTH
from serving.gateway.records.exposure import Exposure

MAX_ITEMS = 5000  # that are counted; those shown first long ago make room

_FORMAT = "tastemaker-new-items-1"
_PRIOR_SHOWS = 10.0  # that each place begins with, acted upon 1 / (1 + place)


@dataclass(frozen=True, kw_only=True)
class ItemCount:
    """The shows of one new item.

    Attributes:
        shows: so many.
        rewards: what people gave for them.
        expected: what they would have given for a usual item.
        since: seconds since the epoch; of the first show.
    """

    shows: int = 0
    rewards: float = 0.0
    expected: float = 0.0
    since: float = math.inf

    def add(self, other: "ItemCount", sign: int = 1) -> "ItemCount":
        """Returns both together; with sign -1, what the other one lacks."""
        return ItemCount(
            shows=self.shows + sign * other.shows,
            rewards=self.rewards + sign * other.rewards,
            expected=self.expected + sign * other.expected,
            since=min(self.since, other.since),
        )


@dataclass(frozen=True, kw_only=True)
class NewItemCounts:
    """Counts of new items, and of places; never changed, only replaced.

    A show of a new item is compared with the other items of the same slate: a
    slate of somebody who takes much says that much was to be expected. Places
    get more for where they are, so that what the others got is divided by how
    much places usually get.

    Attributes:
        shows: float `[10]`, by place, of items that are not new.
        rewards: likewise, what people gave for them.
        items: by id; none without a show.
    """

    shows: tuple[float, ...] = (0.0,) * NUM_PLACES
    rewards: tuple[float, ...] = (0.0,) * NUM_PLACES
    items: Mapping[str, ItemCount] = field(default_factory=dict)

    def count(
        self,
        exposure: Exposure,
        rewards: Mapping[str, float],
        new: frozenset[str],
    ) -> "NewItemCounts":
        """Returns the counts with one slate more.

        Args:
            exposure: what was shown.
            rewards: in [0, 1] by item id; not named = not acted upon.
            new: which items are new.
        """
        shown = [one.item_id for one in exposure.items[:NUM_PLACES]]
        gained = [rewards.get(item_id, 0.0) for item_id in shown]
        usual = [j for j, item_id in enumerate(shown) if item_id not in new]
        of_usual = sum(gained[place] for place in usual)
        rates = self._compute_rates()
        of_places = sum(rates[place] for place in usual)
        items = dict(self.items)
        for place, item_id in enumerate(shown):
            # A slate of new items alone says nothing of what is usual.
            if item_id in new and usual:
                one = ItemCount(
                    shows=1,
                    rewards=gained[place],
                    expected=of_usual * rates[place] / of_places,
                    since=exposure.timestamp,
                )
                items[item_id] = items.get(item_id, ItemCount()).add(one)
        counted = set(usual)
        while len(items) > MAX_ITEMS:
            del items[min(items, key=lambda one: items[one].since)]
        return NewItemCounts(
            shows=tuple(
                count + (place in counted)
                for place, count in enumerate(self.shows)
            ),
            rewards=tuple(
                total + (gained[place] if place in counted else 0.0)
                for place, total in enumerate(self.rewards)
            ),
            items=items,
        )

    def add(self, other: "NewItemCounts", sign: int = 1) -> "NewItemCounts":
        """Returns both together; with sign -1, what the other one lacks."""
        items = dict(self.items)
        for item_id, count in other.items.items():
            items[item_id] = items.get(item_id, ItemCount()).add(count, sign)
        newest = sorted(items, key=lambda one: items[one].since, reverse=True)
        kept = [one for one in newest[:MAX_ITEMS] if items[one].shows]
        return NewItemCounts(
            shows=_add(self.shows, other.shows, sign),
            rewards=_add(self.rewards, other.rewards, sign),
            items={item_id: items[item_id] for item_id in kept},
        )

    def _compute_rates(self) -> list[float]:
        """What each place gets of people, up to one common factor."""
        total = sum(self.rewards) / max(sum(self.shows), 1.0)
        # Of the prior, so that it is right on the whole where there is data.
        prior = [1.0 / (1.0 + place) for place in range(NUM_PLACES)]
        scale = total * NUM_PLACES / sum(prior) or 1.0
        return [
            (gained + _PRIOR_SHOWS * scale * share) / (shown + _PRIOR_SHOWS)
            for shown, gained, share in zip(
                self.shows, self.rewards, prior, strict=True
            )
        ]


def write_counts(counts: NewItemCounts) -> bytes:
    """Writes counts down as UTF-8 JSON."""
    return json.dumps(
        {
            "format": _FORMAT,
            "shows": counts.shows,
            "rewards": counts.rewards,
            "items": {
                item_id: dataclasses.astuple(one)
                for item_id, one in counts.items.items()
            },
        }
    ).encode()


def read_counts(document: bytes) -> NewItemCounts:
    """Reads what `write_counts` wrote.

    Raises:
        ValueError: anything in it is not as it was written.
    """
    try:
        read = json.loads(document)
        if read["format"] != _FORMAT:
            raise ValueError(f"`format` is {str(read['format'])[:64]!r}")
        items = {
            _check_id(item_id): ItemCount(
                shows=int(shows),
                **dict(
                    zip(
                        ("rewards", "expected", "since"),
                        _read_numbers(others, 3),
                        strict=True,
                    )
                ),
            )
            for item_id, (shows, *others) in read["items"].items()
        }
        return NewItemCounts(
            shows=_read_numbers(read["shows"], NUM_PLACES),
            rewards=_read_numbers(read["rewards"], NUM_PLACES),
            items=items,
        )
    except (
        AttributeError,
        KeyError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise ValueError(
            "Counts of new items must be as they were written. Received: "
            f"others ({error})."
        ) from error


def _read_numbers(values: list, size: int) -> tuple[float, ...]:
    numbers = tuple(float(value) for value in values)
    if len(numbers) != size or not all(map(math.isfinite, numbers)):
        raise ValueError(f"{size} finite numbers are wanted")
    return numbers


def _check_id(item_id: str) -> str:
    if not 0 < len(item_id) <= MAX_ID_LENGTH:
        raise ValueError(f"an id has {len(item_id)} characters")
    return item_id


def _add(
    ours: tuple[float, ...], others: tuple[float, ...], sign: int
) -> tuple[float, ...]:
    pairs = zip(ours, others, strict=True)
    return tuple(one + sign * other for one, other in pairs)
