"""The artifacts of a run that the report reads. Loads TensorFlow."""

import functools
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq

from pipeline.report.diagnostics.model_answers import ModelAnswers
from pipeline.report.diagnostics.model_answers import ask_model
from pipeline.report.diagnostics.recorded_behavior import RecordedQueries
from pipeline.report.diagnostics.recorded_behavior import TrainEvents
from pipeline.report.diagnostics.recorded_behavior import read_queries
from pipeline.report.diagnostics.recorded_behavior import read_train_events
from pipeline.runs.run_history import OutputArtifact
from pipeline.runs.run_history import PipelineRun
from schemas import events
from schemas.artifact_files import CATALOG_FILE
from schemas.artifact_files import VECTORS_FILE
from schemas.model_facts import read_model_facts

_TRAIN, _EVAL, _TEST = events.SPLITS
_MAX_TEST_QUERIES = 4000  # of more, each 2nd or 4th ... is used
_MAX_EVAL_QUERIES = 1000
# TensorBoard's projector: trainer/fitting/training_log.py
_PROJECTED_FILE = "items.tsv"
_TITLES_FILE = "titles.tsv"
_ID_COLUMN = "item id"


class MissingEvidenceError(LookupError):
    """The run does not hold the artifact."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Catalog:
    """The items of a run, N of them, in the order of all row numbers."""

    rows: dict[str, int]  # by item id
    titles: list[str]
    categories: list[list[str]]


@dataclass(frozen=True, kw_only=True, eq=False)
class ItemMap:
    """Vectors of some items, most popular first.

    Attributes:
        rows: int64 `[M]`, rows of the catalogue.
        vectors: float32 `[M, D]`, unit length; zero stays zero.
    """

    rows: np.ndarray
    vectors: np.ndarray


class Evidence:
    """Reads the artifacts of a run, each when it is first asked for.

    Every property raises `MissingEvidenceError` where the run holds no such
    artifact.
    """

    def __init__(self, run: PipelineRun):
        """Takes a run as recorded in ML Metadata."""
        self._run = run

    @functools.cached_property
    def catalog(self) -> Catalog:
        """The catalogue."""
        path = self._find("schemas.Catalog").path / CATALOG_FILE
        table = pq.read_table(path, columns=["item_id", "title", "categories"])
        item_ids = table["item_id"].to_pylist()
        return Catalog(
            rows={item_id: row for row, item_id in enumerate(item_ids)},
            titles=table["title"].to_pylist(),
            categories=[c or [] for c in table["categories"].to_pylist()],
        )

    @functools.cached_property
    def train(self) -> TrainEvents:
        """The events that the model was trained on."""
        rows = self.catalog.rows
        return read_train_events(self._find_split(_TRAIN), rows, len(rows))

    @functools.cached_property
    def eval_queries(self) -> RecordedQueries:
        """Some queries of the eval split, by which settings are chosen."""
        return self._read_queries(_EVAL, _MAX_EVAL_QUERIES)

    @functools.cached_property
    def test_queries(self) -> RecordedQueries:
        """Queries of the test split, all of them or an even sample."""
        return self._read_queries(_TEST, _MAX_TEST_QUERIES)

    @functools.cached_property
    def answers(self) -> ModelAnswers:
        """The answers of this run's model to `test_queries`."""
        path = self._find("Model").path / "Format-Serving"
        return ask_model(path, self.test_queries, self.catalog.rows)

    @functools.cached_property
    def fused_map(self) -> ItemMap:
        """Vectors of the trained index, of the most popular items."""
        found = sorted(self._find("ModelRun").path.rglob(_TITLES_FILE))
        if not found:
            raise MissingEvidenceError("Training logged no item vectors.")
        header, *lines = found[-1].read_text(encoding="utf-8").split("\n")
        if _ID_COLUMN not in header.split("\t"):
            raise MissingEvidenceError(
                "Training logged item vectors without item ids: the model "
                "is older than this report."
            )
        column = header.split("\t").index(_ID_COLUMN)
        item_ids = [line.split("\t")[column] for line in lines if line]
        vectors = np.loadtxt(
            found[-1].with_name(_PROJECTED_FILE), np.float32, ndmin=2
        )
        rows = [self.catalog.rows[item_id] for item_id in item_ids]
        return ItemMap(
            rows=np.array(rows, np.int64), vectors=to_unit_length(vectors)
        )

    @functools.cached_property
    def text_vectors(self) -> np.ndarray:
        """ItemEncoder's vectors of the texts, float32 `[N, T]`, unit length."""
        path = self._find("schemas.ItemVectors").path / VECTORS_FILE
        table = pq.read_table(path)
        flat = table["vector"].combine_chunks().flatten().to_numpy()
        vectors = flat.reshape(table.num_rows, -1)
        order = [self.catalog.rows[i] for i in table["item_id"].to_pylist()]
        ordered = np.zeros((len(self.catalog.rows), vectors.shape[1]))
        ordered[order] = vectors
        return to_unit_length(ordered.astype(np.float32))

    def _read_queries(self, split: str, most: int) -> RecordedQueries:
        rows = self.catalog.rows
        split_path = self._find_split(split)
        model = self._run.find_output("Model")
        repeats = (
            model is not None
            and read_model_facts(model.path / "Format-Serving").repeats
        )
        return read_queries(split_path, most, rows, len(rows), repeats)

    def _find_split(self, split: str):
        # Transform's examples have another output key.
        return self._find("Examples", "examples").path / f"Split-{split}"

    def _find(
        self, type_name: str, output_key: str | None = None
    ) -> OutputArtifact:
        found = self._run.find_output(type_name, output_key)
        if found is None:
            raise MissingEvidenceError("The last run did not get that far.")
        return found


def to_unit_length(vectors: np.ndarray) -> np.ndarray:
    """Scales each row of `[M, D]` to length 1; zero stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, np.finfo(vectors.dtype).tiny)
