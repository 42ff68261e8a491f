"""Runs our pipeline on the training part."""

import csv
import dataclasses
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.quality.asked_model import TrainedModel
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.interactions import Interactions

if TYPE_CHECKING:
    from pipeline.config import PipelineConfig
    from trainer.config import TrainerConfig

CONFIGS = Path(__file__).parents[2] / "configs"
RATINGS_FILE = "ratings.csv"
MOVIES_FILE = "movies.csv"


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """The data of a run of the pipeline.

    Attributes:
        dataset: names users and items, and says what the items are.
        events: the events in the pipeline's file.
        train: the training part; the rest of `events` is for the pipeline's own
            test split.
        config: name of a file in configs/.
        cut_points: first seconds of eval and of test, instead of the
            config's; None = the config's.
        seed: of training, instead of the config's; None = the config's.
        trainer: settings of the trainer, nested as in the config, instead of
            the config's.
    """

    dataset: Dataset
    events: Interactions
    train: Interactions
    config: str
    cut_points: tuple[int, int] | None = None
    seed: int | None = None
    trainer: Mapping[str, object] = field(default_factory=dict)


def write_dataset(folder: Path, experiment: Experiment) -> None:
    """Writes ratings.csv and movies.csv.

    Files that are there already with the same content stay untouched, so
    that a pipeline which ran on them finds nothing changed.
    """
    events = experiment.events
    values = [f"{value:g}" for value in events.values]
    ratings = zip(
        events.user_ids[events.users],
        events.item_ids[events.items],
        values,
        events.timestamps,
        strict=True,
    )
    movies = [
        (
            item_id,
            one.title,
            "|".join(one.genres),
            one.description,
            one.released,
        )
        for item_id, one in experiment.dataset.catalog.items()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    columns = ("user_id", "item_id", "rating", "timestamp")
    _write(folder / RATINGS_FILE, [columns, *ratings])
    columns = ("item_id", "title", "genres", "description", "released")
    _write(folder / MOVIES_FILE, [columns, *movies])


def train_model(root: Path, experiment: Experiment) -> TrainedModel:
    """Runs the pipeline as far as the trained model.

    Args:
        root: a folder; gets the data and the run, or holds those of an
            earlier call, which the pipeline continues.
        experiment: the data and the config.

    Raises:
        ValueError: the pipeline learns from events that it must not see.
    """
    from pipeline.runs.run_folder import RunFolder
    from pipeline.runs.run_history import RunHistory
    from pipeline.runs.run_pipeline import NodeRange
    from pipeline.runs.run_pipeline import run_pipeline

    config = build_config(root, experiment)
    write_dataset(root, experiment)
    folder = RunFolder(root / "run")
    # No gate: the model is measured as trained, at any quality.
    nodes = NodeRange(last="TowerTrainer")
    run_pipeline(config, folder, logging.info, nodes=nodes)
    history = RunHistory(folder.metadata_path)
    examples = history.find_latest_output("Examples", "examples")
    check_examples(examples.path, experiment.train)
    model = history.find_latest_output("Model")
    nodes = (node for run in history.load_runs() for node in run.nodes)
    return TrainedModel(
        path=model.path / "Format-Serving",
        event_type=config.dataset.events.default_event_type,
        max_window=config.splits.max_window,
        # A run on unchanged data trains nothing: find the run that did.
        train_seconds=next(
            node.seconds
            for node in nodes
            if node.state == "COMPLETE"
            and model in node.outputs.get("model", ())
        ),
    )


def build_config(root: Path, experiment: Experiment) -> "PipelineConfig":
    """Reads the experiment's configuration, for data in `root`."""
    from pipeline.config import load_config

    config = load_config(CONFIGS / experiment.config)
    tables = {
        name: dataclasses.replace(
            getattr(config.dataset, name), path=str(root / file)
        )
        for name, file in (("events", RATINGS_FILE), ("items", MOVIES_FILE))
    }
    splits = config.splits
    if experiment.cut_points:
        splits = dataclasses.replace(splits, cut_points=experiment.cut_points)
    trainer = change_settings(config.trainer, experiment.trainer)
    if experiment.seed is not None:
        trainer = dataclasses.replace(trainer, seed=experiment.seed)
    return dataclasses.replace(
        config,
        dataset=dataclasses.replace(
            config.dataset, ties=experiment.dataset.ties, **tables
        ),
        splits=splits,
        trainer=trainer,
    )


def load_trainer_settings(
    config: str, changes: Mapping[str, object]
) -> "TrainerConfig":
    """Reads the trainer's settings of a configuration, with others.

    Args:
        config: name of a file in configs/.
        changes: as of `change_settings`.
    """
    from pipeline.config import load_config

    return change_settings(load_config(CONFIGS / config).trainer, changes)


def change_settings(
    settings: "TrainerConfig", changes: Mapping[str, object]
) -> "TrainerConfig":
    """Copies settings with others.

    Args:
        settings: a dataclass of settings.
        changes: by name; those of a setting that has settings of its own are
            nested, and what they do not name stays.

    Raises:
        TypeError: the changes are no names and values.
        pydantic.ValidationError: there is no such setting, or it cannot be so.
    """
    if not isinstance(changes, Mapping):
        raise TypeError(
            f"Settings must be names with values. Received: {changes!r}."
        )
    nested = {
        name: change_settings(getattr(settings, name), value)
        for name, value in changes.items()
        if dataclasses.is_dataclass(getattr(settings, name, None))
    }
    return dataclasses.replace(settings, **{**changes, **nested})


def load_seed(experiment: Experiment) -> int:
    """Reads the seed of the experiment's configuration."""
    if experiment.seed is not None:
        return experiment.seed
    return load_trainer_settings(experiment.config, experiment.trainer).seed


def check_examples(examples: Path, train: Interactions) -> None:
    """Checks that training uses only training events.

    Args:
        examples: folder of the splits; those for training and for early
            stopping are checked.
        train: what may be learnt from.

    Raises:
        ValueError: an example holds another event, or one too often.
    """
    allowed = Counter(
        zip(
            train.user_ids[train.users].tolist(),
            train.item_ids[train.items].tolist(),
            train.timestamps.tolist(),
            strict=True,
        )
    )
    used = count_events(examples, "Split-train", "Split-eval")
    logging.info(
        "The pipeline learns from %d of %d training events.",
        (used & allowed).total(),
        allowed.total(),
    )
    if forbidden := used - allowed:
        raise ValueError(
            "The pipeline must learn from the protocol's training events only."
            f" Received: {forbidden.total()} other events, among them (user,"
            f" item, second) {sorted(forbidden)[:3]}."
        )


def _write(path: Path, rows: list[tuple]) -> None:
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    if path.exists() and path.read_bytes() == unfinished.read_bytes():
        unfinished.unlink()
    else:
        unfinished.rename(path)


def count_events(examples: Path, *splits: str) -> Counter:
    """Counts the events of examples, however many windows repeat them.

    An event is a target of one example and context of others. Where people
    come back to items, pairs of user and item do not tell events apart.

    Args:
        examples: folder of the splits.
        splits: folders in it.

    Returns:
        How often (user id, item id, second) is a target; once where it is
        context only.
    """
    # Loads TensorFlow, which few callers need.
    from components.window_examples.reader import read_windows

    targets, context = Counter(), set()
    for split in splits:
        for window in read_windows(examples / split):
            for place, event in enumerate((*window.events, window.label)):
                key = (window.user_id, event.item_id, event.timestamp)
                if place < window.num_context:
                    context.add(key)
                else:
                    targets[key] += 1
    return targets | Counter(context)
