"""Towers' scores of held-out queries: trained once a seed, then kept."""

import dataclasses
import hashlib
import logging
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from typing import NamedTuple

import numpy as np

from benchmarks.quality.trained_pipeline import Experiment
from benchmarks.quality.trained_pipeline import build_config
from benchmarks.quality.trained_pipeline import write_dataset
from trainer.config import TrainerConfig

if TYPE_CHECKING:
    import tensorflow as tf

    from pipeline.config import PipelineConfig
    from trainer.inputs.item_table import ItemTable
    from trainer.inputs.training_data import TrainingData
    from trainer.inputs.training_data import TrainingInputs
    from trainer.towers.recommender import Recommender

_BATCH = 128
_MAX_QUERIES = 2000  # a fixed sample of those that judge


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What the towers say of queries; by query.

    Attributes:
        tower: float32 `[Q, N]`, the scores of all items.
        label: int32 `[Q]`, row of what came next.
        rows: int32 `[Q, S]`, the history; N = padding.
        met: int32 `[Q, X]`, rows that are no candidates; N = padding; X = 0
            where people repeat.
        user: int64 `[Q]`, a number for who asks.
    """

    tower: np.ndarray
    label: np.ndarray
    rows: np.ndarray
    met: np.ndarray
    user: np.ndarray

    def iterate_batches(self) -> Iterator[dict[str, "tf.Tensor"]]:
        """Yields what `Recommender.score_catalogue` returned, in batches."""
        import tensorflow as tf

        for first in range(0, len(self.label), _BATCH):
            yield {
                name: tf.constant(value[first : first + _BATCH])
                for name, value in vars(self).items()
            }


class Stages(NamedTuple):
    """What the pipeline made, for training and for those who judge it.

    Attributes:
        inputs: what `train` reads.
        test: folder of the raw examples of the test split.
        config: the trainer's settings.
        key: of `compute_key`; tells kept scores apart.
    """

    inputs: "TrainingInputs"
    test: Path
    config: TrainerConfig
    key: str


def run_stages(root: Path, experiment: Experiment) -> Stages:
    """Runs the pipeline up to what training reads.

    Args:
        root: a folder; holds the data and the run of an earlier call, or
            nothing yet.
        experiment: what to learn from.
    """
    import tensorflow_transform as tft

    from pipeline.runs.run_folder import RunFolder
    from pipeline.runs.run_history import RunHistory
    from pipeline.runs.run_pipeline import NodeRange
    from pipeline.runs.run_pipeline import run_pipeline
    from schemas.artifact_types import Catalog
    from schemas.artifact_types import ItemVectors
    from trainer.inputs.training_data import TrainingInputs

    config = build_config(root, experiment)
    write_dataset(root, experiment)
    folder = RunFolder(root / "run")
    for node_id in ("Transform", "ItemEncoder"):  # neither needs the other
        nodes = NodeRange(last=node_id)
        run_pipeline(config, folder, logging.info, nodes=nodes)
    history = RunHistory(folder.metadata_path)

    def find(type_name, key=None):
        return history.find_latest_output(type_name, key).path

    transformed = find("Examples", "transformed_examples")
    inputs = TrainingInputs(
        train_paths=_list_files(transformed / "Split-train"),
        eval_paths=_list_files(transformed / "Split-eval"),
        transform=tft.TFTransformOutput(str(find("TransformGraph"))),
        catalog_path=str(find(Catalog.TYPE_NAME)),
        vectors_path=str(find(ItemVectors.TYPE_NAME)),
        log_path=str(root / "logs"),
        repeats=config.dataset.repeats,
    )
    examples = find("Examples", "examples")
    key = compute_key(root, config, (examples, transformed))
    return Stages(inputs, examples / "Split-test", config.trainer, key)


def compute_key(
    root: Path, config: "PipelineConfig", examples: Iterable[Path]
) -> str:
    """Tells apart what scores in one folder may come from.

    Args:
        root: holds the data, which is what protocol and part leave of it.
        config: all settings.
        examples: the artifacts; edited code makes others.

    Returns:
        The first 12 hex digits of a SHA-256.
    """
    from pydantic import TypeAdapter

    digest = hashlib.sha256(TypeAdapter(type(config)).dump_json(config))
    for table in (config.dataset.events, config.dataset.items):
        digest.update((root / table.path).read_bytes())
    digest.update("\n".join(map(str, examples)).encode())
    return digest.hexdigest()[:12]


def load_scores(
    root: Path,
    stages: Stages,
    items: "ItemTable",
    data: "TrainingData",
    seed: int | None,
) -> tuple[HeldOut, HeldOut]:
    """Trains towers, or reads what those of an earlier call said.

    Args:
        root: folder for the scores, one file a key, seed and split.
        stages: what the pipeline made.
        items: the catalogue as the train split knows it.
        data: of `load_training_data`.
        seed: of the training; None = no towers, whose scores are all 0.

    Returns:
        Scores of the eval split by towers that it stopped, and scores of the
        test split by the same towers once they learnt the eval split.
    """
    if seed is None:
        return (
            _score(None, data.queries, stages, items),
            _score(None, _read_queries(stages, items), stages, items),
        )
    paths = [
        root / f"{name}-{stages.key}-{seed}.npz" for name in ("eval", "test")
    ]
    if not all(path.exists() for path in paths):
        config = dataclasses.replace(stages.config, seed=seed)
        scored = _train(stages, items, data, config)
        for path, held_out in zip(paths, scored, strict=True):
            np.savez(path, **vars(held_out))
    return tuple(HeldOut(**np.load(path)) for path in paths)


def _train(stages, items, data, config):
    import tensorflow as tf

    from trainer.fitting.optimization import build_strategy
    from trainer.fitting.refit import add_counts
    from trainer.fitting.refit import refit_towers
    from trainer.training import fit_towers

    tf.keras.utils.set_random_seed(config.seed)
    strategy = build_strategy(config.optimizer)
    model, history = fit_towers(items, data, stages.inputs, config, strategy)
    logging.info("seed %d: %s", config.seed, history)
    before = _score(model, data.queries, stages, items)
    counted = add_counts(items, data.recent)
    refit_towers(model, counted, data.windows, data.recent, config)
    after = _score(model, _read_queries(stages, items), stages, items)
    return before, after


def _score(
    model: "Recommender | None",
    batches: Iterable[Mapping[str, "tf.Tensor"]],
    stages: Stages,
    items: "ItemTable",
) -> HeldOut:
    num_items = items.num_items
    parts = {name: [] for name in HeldOut.__annotations__}
    for batch in batches:
        arrays = {name: value.numpy() for name, value in batch.items()}
        place = np.arange(arrays["mask"].shape[1])
        last = arrays["mask"].sum(axis=1) - 1
        is_history = place < last[:, None]
        rows = np.where(is_history, arrays["rows"], num_items)
        tower = np.zeros((len(rows), num_items), np.float32)
        if model is not None:
            tower = model.score_catalogue(batch)["tower"].numpy()
        parts["tower"].append(tower)
        parts["label"].append(arrays["rows"][np.arange(len(rows)), last])
        parts["rows"].append(rows)
        met = np.concatenate([rows, arrays["older_rows"]], axis=1)
        parts["met"].append(met[:, :0] if stages.inputs.repeats else met)
        parts["user"].append(arrays["user"][:, 0])
    padding = {"rows": num_items, "met": num_items}
    return HeldOut(**{k: _stack(v, padding.get(k)) for k, v in parts.items()})


def _stack(arrays, padding):
    if padding is not None:
        width = max(array.shape[1] for array in arrays)
        arrays = [
            np.pad(
                array,
                [(0, 0), (0, width - array.shape[1])],
                constant_values=padding,
            )
            for array in arrays
        ]
    return np.concatenate(arrays)


def _read_queries(
    stages: Stages, items: "ItemTable"
) -> Iterator[Mapping[str, "tf.Tensor"]]:
    """Transforms a sample of the test split's raw examples."""
    import tensorflow as tf

    from trainer.inputs.windows import RowLookup
    from trainer.inputs.windows import to_batch

    rows = RowLookup(list(items.item_ids))
    transform = stages.inputs.transform
    records = tf.data.TFRecordDataset(_list_files(stages.test), "GZIP")
    records = np.array(list(records.as_numpy_iterator()), object)
    drawn = np.random.default_rng(0).permutation(len(records))[:_MAX_QUERIES]
    records = records[np.sort(drawn)]
    layer = transform.transform_features_layer()
    for first in range(0, len(records), _BATCH):
        raw = tf.io.parse_example(
            records[first : first + _BATCH].tolist(),
            transform.raw_feature_spec(),
        )
        yield to_batch(layer(raw), rows)


def _list_files(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.glob("*.gz"))
