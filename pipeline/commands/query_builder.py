"""Turns the arguments of a command into a query, without TensorFlow."""

import dataclasses

from pipeline.commands.recommendation import find_examples
from pipeline.commands.recommendation import find_served_version
from pipeline.commands.title_lookup import TitleLookup
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.user_history import find_typical_event
from pipeline.runs.user_history import load_user_history
from schemas.model_facts import read_model_facts
from serving.query import Constraints
from serving.query import Query

_TITLE_SEPARATOR = ";"  # titles hold commas


def build_user_query(
    folder: RunFolder, user_id: str, need: str
) -> tuple[Query, Constraints]:
    """Builds the query for a user of the last run's data.

    Args:
        folder: where the Examples are.
        user_id: as in the Examples.
        need: the present need in words; "" = none.

    Returns:
        The query, and the constraints of the slate.

    Raises:
        FileNotFoundError: no run has got as far as Examples.
        LookupError: the Examples have no such user.
    """
    history = load_user_history(find_examples(folder), user_id)
    query = dataclasses.replace(history.query, need=need)
    return query, allow_repeats(folder, history.constraints)


def allow_repeats(folder: RunFolder, constraints: Constraints) -> Constraints:
    """Lets a slate show what was met, where the dataset says so.

    Args:
        folder: where the pushed version is.
        constraints: that leave out what was met, and nothing else.

    Raises:
        FileNotFoundError: nothing has been pushed.
    """
    if not read_model_facts(find_served_version(folder)).repeats:
        return constraints
    return Constraints(exclude_history=False)


def build_history_query(
    folder: RunFolder, typed: str, need: str, titles: TitleLookup
) -> tuple[Query, Constraints]:
    """Builds the query for a user who liked some titles.

    The model reads events, not titles: each title becomes an event of the kind
    that is a usual success in the data, such as a rating of 4.2.

    Args:
        folder: where the Examples are.
        typed: titles, oldest first, separated by semicolons; may be empty.
        need: the present need in words; "" = none.
        titles: of the pushed catalogue.

    Returns:
        The query, and constraints that exclude nothing but the history, and
        not that where the dataset repeats.

    Raises:
        FileNotFoundError: no run has got as far as Examples.
        UnknownTitleError: a title is not in the catalogue.
    """
    item_ids = [
        titles.find_item_id(title.strip())
        for title in typed.split(_TITLE_SEPARATOR)
        if title.strip()
    ]
    if not item_ids:
        return Query(need=need), Constraints()  # nothing was met
    typical = find_typical_event(find_examples(folder))
    query = Query(
        item_ids=item_ids,
        event_types=[typical.event_type] * len(item_ids),
        values=[typical.value] * len(item_ids),
        need=need,
    )
    return query, allow_repeats(folder, Constraints())
