"""The first data of a gateway: a run's catalogue and its users' events."""

import contextlib
import dataclasses
import json
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from pipeline.commands.recommendation import find_examples
from pipeline.commands.recommendation import find_served_version
from pipeline.commands.title_lookup import find_catalog
from pipeline.runs.run_folder import RunFolder
from schemas.rating_scale import RatingScale
from schemas.rating_scale import load_rating_scale
from serving.gateway.behavior.behavior_store import BehaviorStore
from serving.gateway.behavior.open_behavior_store import open_behavior_store
from serving.gateway.behavior.state.state_limits import DAY
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_config import StorageConfig
from serving.gateway.records.event import Event
from serving.gateway.records.profile import Profile

_POPULARITY_DAYS = "popularity_days"  # a file in the gateway's folder
_SPAN_SHARE = 0.1  # of the data's span is the half-life of popularity
_COLUMNS = (
    "item_id",
    "title",
    "description",
    "categories",
    "price",
    "created_at",
    "image_url",
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


def choose_popularity_days(events: Sequence[Event]) -> float:
    """Chooses how fast popularity fades, by how long the data goes back.

    With a week, nothing in a log of many years would be popular but what
    happened in its last weeks.

    Args:
        events: in order of time, at least one.

    Returns:
        Days until an event counts half: a tenth of the span, but a week at
        least.
    """
    span = events[-1].timestamp - events[0].timestamp
    least = StateLimits.half_life
    return round(max(least, span * _SPAN_SHARE) / DAY, 1)


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


def fill(
    config: GatewayConfig, folder: RunFolder, tell: Callable[[str], None]
) -> GatewayConfig:
    """Gives a new gateway the catalogue and the events of the run's users.

    The catalogue is written each time; events only into an empty log.

    Args:
        config: as of `place_files`.
        folder: of the run.
        tell: called with each line to show.

    Returns:
        The configuration, whose popularity fades as the run's data tells
        where it says nothing of that.

    Raises:
        FileNotFoundError: nothing has been pushed.
        OSError: files cannot be written.
    """
    own = folder.root / "gateway"
    if config.catalogue == str(own / "items.jsonl"):
        write_catalogue(find_served_version(folder), Path(config.catalogue))
    with _open_store(config.storage) as store:
        if store.list_users(1):
            return config
    tell("Reading what the users of the run did ...")
    events, profiles = read_users(find_examples(folder))
    events.sort(key=lambda event: event.timestamp)
    storage = config.storage
    if events and storage.popularity_days is None:
        days = choose_popularity_days(events)
        own.mkdir(parents=True, exist_ok=True)
        draft = own / f"{_POPULARITY_DAYS}.tmp"
        draft.write_text(f"{days}\n", encoding="utf-8")
        draft.replace(own / _POPULARITY_DAYS)
        storage = dataclasses.replace(storage, popularity_days=days)
    with _open_store(storage) as store:
        # Before the events: who finds events does not import again.
        dropped = store.put_profiles(profiles)
        if dropped:
            tell(
                f"{dropped} of {len(profiles)} users' profiles have no room in "
                "the gateway's state. Raise `storage.max_profiles` in its "
                "settings, and begin with a new state."
            )
        store.import_events(events)
    tell(f"{len(events)} events are known to the gateway.")
    return dataclasses.replace(config, storage=storage)


def _open_store(storage: StorageConfig) -> contextlib.closing[BehaviorStore]:
    return contextlib.closing(
        open_behavior_store(
            storage.state,
            Path(storage.log),
            limits=storage.state_limits,
            window_spans=storage.window_spans,
        )
    )


def read_popularity_days(own: Path) -> float | None:
    """Reads what `fill` chose; None = it has chosen nothing.

    Args:
        own: the folder of the gateway in that of the run.

    Raises:
        ValueError: the file holds no number.
    """
    file = own / _POPULARITY_DAYS
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"{file} must hold a number of days. Received: {text[:100]!r}."
        ) from None
