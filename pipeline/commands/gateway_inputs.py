"""The first data of a gateway: a run's catalogue and its users' events."""

import json
from pathlib import Path

import pyarrow.parquet as pq

from pipeline.commands.title_lookup import find_catalog
from schemas.rating_scale import RatingScale
from schemas.rating_scale import load_rating_scale
from serving.gateway.records.event import Event
from serving.gateway.records.profile import Profile

_COLUMNS = (
    "item_id",
    "title",
    "description",
    "categories",
    "price",
    "created_at",
)


def write_catalogue(model_path: Path, path: Path) -> int:
    """Writes the items of a pushed version as the gateway reads them.

    Args:
        model_path: folder of one pushed version.
        path: JSON Lines; replaced as a whole or left as it was.

    Returns:
        How many items there are.

    Raises:
        FileNotFoundError: the version carries no catalogue.
    """
    table = pq.read_table(find_catalog(model_path))
    table = table.select([n for n in _COLUMNS if n in table.column_names])
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".tmp")
    with draft.open("w", encoding="utf-8") as lines:
        for row in table.to_pylist():
            given = {k: v for k, v in row.items() if v is not None}
            lines.write(json.dumps(given, ensure_ascii=False) + "\n")
    draft.replace(path)
    return table.num_rows


def read_rating_scale(model_path: Path) -> RatingScale | None:
    """Reads which ratings the data of a pushed version calls likes.

    Args:
        model_path: folder of one pushed version.

    Returns:
        None where its data has no ratings, or its catalogue is of a version
        that did not tell.

    Raises:
        FileNotFoundError: the version carries no catalogue.
    """
    schema = pq.read_schema(find_catalog(model_path))
    return load_rating_scale(schema.metadata)


def read_users(
    examples_path: Path,
) -> tuple[list[Event], dict[str, Profile]]:
    """Reads what is known of users back from the Examples of a run.

    Args:
        examples_path: folder of the `Examples` artifact.

    Returns:
        Each event once, user by user, oldest first; and profiles by user id.
        Pseudonymised users have their pseudonyms as ids.
    """
    from pipeline.runs.user_history import iterate_users

    events, profiles = [], {}
    for user in iterate_users(examples_path):
        if user.profile:
            profiles[user.user_id] = user.profile
        for event in user.events:
            events.append(
                Event(
                    event_id=f"run-{len(events)}",
                    user_id=user.user_id,
                    item_id=event.item_id,
                    timestamp=float(event.timestamp),
                    event_type=event.event_type,
                    value=event.value,
                    text=event.text,
                    scenario=event.scenario,
                    session_id=event.session_id,
                )
            )
    return events, profiles
