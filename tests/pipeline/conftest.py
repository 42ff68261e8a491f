"""Fixtures of the pipeline's tests: a small shop, and one finished run."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from pipeline.commands import cli
from pipeline.runs.run_folder import RunFolder

if TYPE_CHECKING:
    from serving.model_server.server import ModelServer

GENRES = {
    "Horror": ("night", "house", "crime"),
    "Comedy": ("dog", "cat", "toy"),
    "Romance": ("love", "heat", "queen"),
    "Space": ("star", "ship", "war"),
}
NUM_USERS, NUM_EVENTS, NUM_ITEMS = 40, 20, 80
START = 1_500_000_000  # seconds


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Shop:
    """Made-up data and settings that train in seconds."""

    settings: dict
    folder: Path

    def write_config(self, name: str, **changes: dict) -> Path:
        """Writes the settings, sections merged with `changes`."""
        merged = dict(self.settings)
        for section, values in changes.items():
            merged[section] = {**merged.get(section, {}), **values}
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(merged))
        return path


@pytest.fixture(scope="session")
def shop(tmp_path_factory, tiny_backbone_preset) -> Shop:
    """Each user likes one genre and meets its items in a fixed order."""
    folder = tmp_path_factory.mktemp("shop")
    genres = list(GENRES)
    items = []
    for number in range(NUM_ITEMS):
        genre = genres[number % len(genres)]
        word = GENRES[genre][number // len(genres) % 3]
        items.append((f"m{number:02d}", f"the {word} {number}", genre))
    _write_csv(folder / "movies.csv", ("item_id", "title", "genres"), items)
    chooser = random.Random(7)
    events = []
    for user in range(NUM_USERS):
        liked = [i for i, _, g in items if g == genres[user % len(genres)]]
        others = [i for i, _, _ in items if i not in liked]
        begin = chooser.randrange(len(liked))
        for step in range(NUM_EVENTS):
            is_liked = step % 5 != 4  # every fifth event is a disappointment
            item = (
                liked[(begin + step) % len(liked)]
                if is_liked
                else chooser.choice(others)
            )
            time = START + step * 86_400 + user * 60
            rating = 5.0 if is_liked else 2.0
            events.append((f"u{user}", item, rating, time))
    header = ("user_id", "item_id", "rating", "timestamp")
    _write_csv(folder / "ratings.csv", header, events)
    users = [(f"u{n}", genres[n % len(genres)]) for n in range(NUM_USERS)]
    _write_csv(folder / "users.csv", ("user_id", "fan_of"), users)
    return Shop(settings=_settings(folder, tiny_backbone_preset), folder=folder)


def _settings(folder: Path, preset: str) -> dict:
    return {
        "name": "shop",
        "dataset": {
            "events": {
                "path": str(folder / "ratings.csv"),
                "columns": {
                    "user_id": "user_id",
                    "item_id": "item_id",
                    "timestamp": "timestamp",
                    "value": "rating",
                },
                "default_event_type": "rate",
                "positive_value": 4.0,
            },
            "items": {
                "path": str(folder / "movies.csv"),
                "columns": {
                    "item_id": "item_id",
                    "title": "title",
                    "categories": "genres",
                },
            },
            "users": {
                "path": str(folder / "users.csv"),
                "columns": {"user_id": "user_id"},
                "attributes": {"fan_of": "text"},
            },
        },
        "trainer": {
            "backbone": {"preset": preset, "max_tokens": 16},
            "retrieval": {"num_sampled": 30},
            "towers": {"embedding_dim": 16, "num_blocks": 1, "dropout": 0.0},
            "optimizer": {
                "learning_rate": 0.01,
                "warmup_steps": 0,
                "max_epochs": 6,
                "batch_size": 8,
            },
        },
        "evaluator": {
            "min_queries": 20,
            "thresholds": [
                {
                    "metric": "ndcg_at_10",
                    "at_least": 0.01,
                    # So few queries: another seed changes much.
                    "may_worsen_by": 0.5,
                }
            ],
        },
        "serving_validation": {
            "num_requests": 10,
            "max_p50_ms": 5000.0,
            "max_p99_ms": 20000.0,
        },
    }


@pytest.fixture(scope="session")
def finished_run(shop, tmp_path_factory) -> RunFolder:
    """The folder after `tastemaker run` went through once."""
    root = tmp_path_factory.mktemp("finished") / "shop"
    config = shop.write_config("shop")
    code = cli.main(["run", str(config), "--root", str(root)])
    assert code == cli.EXIT_OK
    return RunFolder(root)


@pytest.fixture(scope="session")
def finished_server(finished_run) -> Iterator["ModelServer"]:
    """A server of what the finished run pushed, and of nothing newer."""
    from pipeline.commands.recommendation import find_served_version
    from serving.model_server.server import ModelServer
    from serving.model_server.server import ServerOptions

    base_path = find_served_version(finished_run).parent
    options = ServerOptions(file_system_poll_wait_seconds=0)
    with ModelServer(base_path.name, base_path, 0, options) as server:
        yield server


def _write_csv(path: Path, header, rows) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
