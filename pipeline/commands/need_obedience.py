"""Obeys what a typed need refuses and names, as the gateway does."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from pipeline.commands.explanation import load_item_facts
from schemas.model_facts import read_model_facts
from serving.client import RecommenderClient
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.need_reading import MAX_EXCLUDED
from serving.gateway.slates.need_reading import read_need
from serving.query import Constraints
from serving.query import Query
from serving.query import Slate
from serving.query import SlateItem


@dataclasses.dataclass(frozen=True, kw_only=True)
class ObeyedNeed:
    """What is asked for once the need has been read.

    Attributes:
        query: its need is what is wanted; "" = only refusals were said.
        constraints: they leave out what is refused, too.
        unknown: what is refused and names nothing of the catalogue.
        too_large: what is refused and names too many items to leave out.
        named_item_ids: items whose title the need is, or begins, and that a
            slate may show; the shortest title first.
    """

    query: Query
    constraints: Constraints
    unknown: tuple[str, ...] = ()
    too_large: tuple[str, ...] = ()
    named_item_ids: tuple[str, ...] = ()

    def describe_unmet(self) -> list[str]:
        """Says in lines of text what is refused and may be shown."""
        return [
            f"Not left out, as {why}: {name}"
            for why, names in (
                ("nothing here is called so", self.unknown),
                (f"more than {MAX_EXCLUDED:,} items are", self.too_large),
            )
            for name in names
        ]


def obey_need(
    query: Query, constraints: Constraints, model_path: Path
) -> ObeyedNeed:
    """Takes refusals ("anything but drama") out of a need.

    Args:
        query: with the need as it was typed.
        constraints: of its slate.
        model_path: folder of the pushed version that is asked.

    Raises:
        FileNotFoundError: the version carries no catalogue.
    """
    if not query.need:
        return ObeyedNeed(query=query, constraints=constraints)
    catalogue = Catalogue(
        load_item_facts(model_path).values(),
        read_model_facts(model_path).category_words,
    )
    need = read_need(query.need, catalogue)
    excluded = dict.fromkeys(constraints.excluded_item_ids)
    excluded |= dict.fromkeys(need.excluded_item_ids)
    hidden = set(excluded)
    if constraints.exclude_history:
        hidden.update(query.item_ids)
    too_large = tuple(n for n in need.unmet if _is_known(n, catalogue))
    return ObeyedNeed(
        query=dataclasses.replace(query, need=need.text),
        constraints=dataclasses.replace(
            constraints, excluded_item_ids=list(excluded)
        ),
        unknown=tuple(n for n in need.unmet if n not in too_large),
        too_large=too_large,
        named_item_ids=tuple(
            one for one in need.named_item_ids if one not in hidden
        ),
    )


def recommend_obeying(
    client: RecommenderClient, asked: ObeyedNeed, k: int
) -> Slate:
    """Asks for a slate, what the need names first.

    Args:
        client: of a server of the version whose catalogue `obey_need` read.
        asked: what is asked for.
        k: items wanted.
    """
    (slate,) = client.recommend(asked.query, k, asked.constraints)
    if not asked.named_item_ids:
        return slate
    (named,) = client.rank(
        asked.query, asked.named_item_ids, slate.model_version
    )
    return put_named_first(slate, named.items, k)


def put_named_first(slate: Slate, named: Sequence[SlateItem], k: int) -> Slate:
    """Puts what a need names by its title before the rest of a slate.

    A need that only its title is known by is none that was not understood.

    Args:
        slate: for the need.
        named: the items that it names, one at least.
        k: items wanted.
    """
    by_id = {item.item_id: item for item in named}
    by_id |= {item.item_id: item for item in slate.items}  # with reasons
    return dataclasses.replace(
        slate, items=list(by_id.values())[:k], is_need_read=True
    )


def _is_known(name: str, catalogue: Catalogue) -> bool:
    """Whether a refused name means items, of which there are too many."""
    return bool(
        catalogue.find_in_category(name)
        or catalogue.find_titled(name)
        or catalogue.guess_category(name)
    )
