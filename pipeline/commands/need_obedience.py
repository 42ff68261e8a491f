"""Obeys what a typed need refuses, as the gateway does."""

import dataclasses
from pathlib import Path

from pipeline.commands.explanation import load_item_facts
from serving.gateway.slates.catalogue import Catalogue
from serving.gateway.slates.need_reading import read_need
from serving.query import Constraints
from serving.query import Query


@dataclasses.dataclass(frozen=True, kw_only=True)
class ObeyedNeed:
    """What is asked for once the need has been read.

    Attributes:
        query: its need is what is wanted; "" = only refusals were said.
        constraints: they leave out what is refused, too.
        unmet: what is refused and names nothing of the catalogue.
    """

    query: Query
    constraints: Constraints
    unmet: tuple[str, ...]


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
        return ObeyedNeed(query=query, constraints=constraints, unmet=())
    facts = load_item_facts(model_path)
    need = read_need(query.need, Catalogue(facts.values()))
    excluded = dict.fromkeys(constraints.excluded_item_ids)
    excluded |= dict.fromkeys(need.excluded_item_ids)
    return ObeyedNeed(
        query=dataclasses.replace(query, need=need.text),
        constraints=dataclasses.replace(
            constraints, excluded_item_ids=list(excluded)
        ),
        unmet=need.unmet,
    )
