"""Explains in words where an item's score comes from."""

import re
from collections.abc import Collection
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq

from pipeline.commands.recommendation import MIN_SHOWN_SHARE
from pipeline.commands.recommendation import shorten
from pipeline.commands.title_lookup import find_catalog
from serving.gateway.records.item_facts import ItemFacts
from serving.query import Explanation
from serving.query import Query

_NUM_SHOWN = 5  # events for the item
_NUM_SHOWN_AGAINST = 3  # and against it
_WORD = re.compile(r"[^\W_]{3,}")
_EMPTY_WORDS = frozenset({"and", "der", "die", "for", "les", "the", "with"})


def load_item_facts(
    model_path: Path, item_ids: Collection[str] | None = None
) -> dict[str, ItemFacts]:
    """Reads items of the catalogue that was pushed with a model.

    Args:
        model_path: folder of one pushed version.
        item_ids: items; those that the catalogue does not hold are left out.
            None = all items.

    Raises:
        FileNotFoundError: the version carries no catalogue.
    """
    rows = pq.read_table(
        find_catalog(model_path),
        columns=["item_id", "title", "categories"],
        filters=(
            None if item_ids is None else [("item_id", "in", list(item_ids))]
        ),
    ).to_pylist()
    return {
        row["item_id"]: ItemFacts(
            item_id=row["item_id"],
            title=row["title"],
            categories=tuple(row["categories"] or ()),
        )
        for row in rows
    }


def list_shared_attributes(first: ItemFacts, second: ItemFacts) -> list[str]:
    """Lists the categories and words of the title that two items share."""
    others = set(second.categories)
    shared = [name for name in first.categories if name in others]
    words = _list_words(second.title)
    return shared + [
        f'"{word}"' for word in _list_words(first.title) if word in words
    ]


def describe_explanation(
    explanation: Explanation, query: Query, facts: Mapping[str, ItemFacts]
) -> list[str]:
    """Writes an explanation as lines of text.

    Args:
        explanation: of one item, for `query`.
        query: what was asked.
        facts: of the item and of the query's items, where known.

    Returns:
        Lines of text.
    """
    item = _find(facts, explanation.item_id)
    lines = [f"{item.title}: score {explanation.score:.2f}"]
    lines += _describe_places(explanation, query)
    by_drop = sorted(
        enumerate(explanation.score_drops), key=lambda pair: -pair[1]
    )
    carried = [
        place
        for place, _ in by_drop[:_NUM_SHOWN]
        if explanation.history_weights[place] >= MIN_SHOWN_SHARE
    ]
    against = [p for p, drop in by_drop[-_NUM_SHOWN_AGAINST:] if drop < 0.0]
    kinds = _list_kinds(explanation, query)
    if carried or kinds:
        lines.append("because of, with shares of what brought it forward:")
        for place in carried:
            weight = explanation.history_weights[place]
            past = _find(facts, query.item_ids[place])
            lines.append(f"    {weight:.2f}  {past.title}")
            shared = list_shared_attributes(item, past)
            if shared:
                lines.append(f"          both: {', '.join(shared)}")
    lines += [f"    {share:.2f}  {text}" for share, text in kinds]
    if against:
        lines.append("in spite of, with the score that each takes away:")
        for place in reversed(against):
            past = _find(facts, query.item_ids[place])
            drop = explanation.score_drops[place]
            lines.append(f"    {drop:.2f}  {past.title}")
    shares = explanation.source_shares.items()
    known_by = (f"{n} {s:.2f}" for n, s in sorted(shares, key=lambda p: -p[1]))
    return [*lines, f"the item is known by: {', '.join(known_by)}"]


def _describe_places(explanation: Explanation, query: Query) -> list[str]:
    """Says at which place the item is, and where it would be otherwise."""
    if not explanation.place:  # an older model does not say
        return []
    lines = [f"place {explanation.place:,.0f} of all items not met yet"]
    if query.item_ids:
        place = explanation.place_without_history
        lines.append(f"without the history: place {place:,.0f}")
    if query.need:
        place = explanation.place_without_need
        lines.append(f"without the need: place {place:,.0f}")
    return lines


def _list_kinds(
    explanation: Explanation, query: Query
) -> list[tuple[float, str]]:
    """Lists the shares of what is no event, the largest first."""
    shares = explanation.shares
    kinds = (
        (shares.need, f"you asked for '{shorten(query.need)}'"),
        (shares.popularity, "many people like it"),
    )
    return sorted(
        (kind for kind in kinds if kind[0] >= MIN_SHOWN_SHARE), reverse=True
    )


def _find(facts: Mapping[str, ItemFacts], item_id: str) -> ItemFacts:
    return facts.get(item_id, ItemFacts(item_id=item_id, title=item_id))


def _list_words(title: str) -> dict[str, None]:
    """Returns the significant words of a title, in their order."""
    words = _WORD.findall(title.casefold())
    return dict.fromkeys(word for word in words if word not in _EMPTY_WORDS)
