"""Counts which new items fans and other people see, in a real gateway.

    python -m benchmarks.gateway.sequels [--json] [--run DIR]

The demo's model and users. 40 sequels are posted, each with the title of an
item of the catalogue and its categories: "Heat 2 (2026)". A fan is a session
that rated the original 5. Then 40 items are posted whose titles join two words
of different titles, with the categories of some item: unrelated to anybody. The
slates of 60 users of the data, by their last 50 events, show how many of the
first 20 places new items take. All of it with and without the candidates that
`slates.max_title_neighbours` adds.
"""

import argparse
import dataclasses
import json
import random
import sys
import tempfile
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.serving.processes import ServingProcess
from pipeline.commands.gateway_inputs import read_users
from pipeline.commands.gateway_inputs import write_catalogue
from pipeline.commands.recommendation import find_examples
from pipeline.commands.recommendation import find_served_version
from pipeline.runs.run_folder import RunFolder
from schemas import signatures
from serving.gateway.gateway import Gateway
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_config import SlateConfig
from serving.gateway.gateway_config import StorageConfig
from serving.gateway.records.event import Event
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import read_catalogue
from serving.gateway.slates.title_words import TitleWords
from serving.gateway.slates.title_words import remove_year
from serving.gateway.slates.user_query import SlateRequest
from serving.gateway.upstream.upstream_config import UpstreamConfig

_NUM_ITEMS = 40
_NUM_USERS = 60
_PLACES = 20
_MAX_EVENTS = 50
_LIKED, _DISLIKED = 5.0, 0.5


def build_sequels(
    items: Iterable[ItemFacts], rng: random.Random, count: int = _NUM_ITEMS
) -> dict[str, ItemFacts]:
    """Makes sequels; returns each by the id of its original."""
    originals = rng.sample(list(items), count)
    return {
        item.item_id: dataclasses.replace(
            item,
            item_id=f"sequel-{item.item_id}",
            title=f"{remove_year(item.title)} 2 (2026)",
            description="",
        )
        for item in originals
    }


def build_unrelated(
    items: Sequence[ItemFacts], rng: random.Random
) -> list[ItemFacts]:
    """Makes items whose titles join words of two titles each."""
    made = []
    for number in range(_NUM_ITEMS):
        one, other, like = rng.sample(list(items), 3)
        words = [
            rng.choice(sorted(TitleWords(item.title).all))
            for item in (one, other)
        ]
        made.append(
            ItemFacts(
                item_id=f"new-{number}",
                title=f"{' '.join(words).title()} (2026)",
                categories=like.categories,
            )
        )
    return made


@contextmanager
def open_gateway(
    address: str, catalogue: Path, max_neighbours: int
) -> Iterator[Gateway]:
    """Opens a gateway with an empty state."""
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(
            GatewayConfig(
                catalogue=str(catalogue),
                upstream=UpstreamConfig(address=address, timeout_seconds=30.0),
                storage=StorageConfig(
                    state=f"sqlite:///{folder}/state.sqlite",
                    log=f"{folder}/log",
                ),
                slates=SlateConfig(max_title_neighbours=max_neighbours),
            )
        )
        gateway.start()
        try:
            yield gateway
        finally:
            gateway.close()


def measure(
    gateway: Gateway, items: Sequence[ItemFacts], histories: list[list[Event]]
) -> dict[str, float]:
    """Returns what fans, others and people with a dislike see.

    Returns:
        `fans`, `haters`: of 40 sequels, in the first 20 of who rated the
        original 5, or 0.5; `share_of_sequels`, `share_of_unrelated`: of the
        first 20 places of users, those that these new items take.
    """
    rng = random.Random(0)
    sequels = build_sequels(items, rng)
    gateway.items.put(list(sequels.values()))
    figures = {"fans": 0.0, "haters": 0.0}
    for item_id, sequel in sequels.items():
        for name, value in (("fans", _LIKED), ("haters", _DISLIKED)):
            session = [_build_rating(item_id, value)]
            figures[name] += sequel.item_id in _list_ids(gateway, session)
    figures["share_of_sequels"] = _measure_share(
        gateway, histories, {one.item_id for one in sequels.values()}
    )
    for sequel in sequels.values():
        gateway.items.delete(sequel.item_id)
    unrelated = build_unrelated(items, rng)
    gateway.items.put(unrelated)
    figures["share_of_unrelated"] = _measure_share(
        gateway, histories, {one.item_id for one in unrelated}
    )
    return figures


def _measure_share(gateway, histories, new) -> float:
    shown = [_list_ids(gateway, session) for session in histories]
    places = [item_id for slate in shown for item_id in slate]
    return sum(item_id in new for item_id in places) / len(places)


def _list_ids(gateway: Gateway, session: list[Event]) -> list[str]:
    slate = gateway.slates.recommend(SlateRequest(session=session, k=_PLACES))
    return [one.candidate.item_id for one in slate.items]


def _build_rating(item_id: str, value: float) -> Event:
    return Event(
        event_id="-",
        user_id="-",
        item_id=item_id,
        timestamp=1.7e9,
        event_type="rate",
        value=value,
    )


def _draw_histories(folder: RunFolder) -> list[list[Event]]:
    by_user: dict[str, list[Event]] = {}
    events, _ = read_users(find_examples(folder))
    for event in sorted(events, key=lambda one: one.timestamp):
        by_user.setdefault(event.user_id, []).append(event)
    users = random.Random(0).sample(sorted(by_user), _NUM_USERS)
    return [by_user[user][-_MAX_EVENTS:] for user in users]


def run(root: Path) -> dict[str, dict[str, float]]:
    """Measures with and without title neighbours, on a finished run."""
    folder = RunFolder(root)
    export = find_served_version(folder)
    histories = _draw_histories(folder)
    with tempfile.TemporaryDirectory() as place:
        catalogue = Path(place) / "items.jsonl"
        write_catalogue(export, catalogue)
        items = list(read_catalogue(catalogue))
        flags = (
            "--port={port}",
            f"--model_name={signatures.MODEL_NAME}",
            f"--model_base_path={export.parent}",
        )
        log = Path(place) / "server.log"
        figures = {}
        with ServingProcess("serving.model_server", flags, log) as server:
            for name, most in (("without", 0), ("with", 3)):
                with open_gateway(server.address, catalogue, most) as gateway:
                    figures[name] = measure(gateway, items, histories)
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the figures and, with `--json`, one JSON object after them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--run", type=Path, default=Path("runs/movielens-small")
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = run(options.run)
    for name, values in figures.items():
        for key, value in values.items():
            sys.stdout.write(f"{name:8}{key:20}{value:8.4g}\n")
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
