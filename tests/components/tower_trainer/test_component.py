"""TowerTrainer: the catalogue and its vectors reach `run_fn`."""

import json
from pathlib import Path

import pytest
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts

from components.tower_trainer.component import TowerTrainer
from schemas.artifact_types import Catalog
from schemas.artifact_types import ItemVectors

RUN_FN = f"{__name__}.write_what_came"
CUSTOM_CONFIG = {"config": "{}", "code_version": "abc"}


def write_what_came(fn_args):
    """A `run_fn` that trains nothing and writes down its arguments."""
    folder = Path(fn_args.serving_model_dir)
    folder.mkdir(parents=True)
    came = {
        "custom_config": fn_args.custom_config,
        "train_files": fn_args.train_files,
        "eval_files": fn_args.eval_files,
    }
    (folder / "came.json").write_text(json.dumps(came))


def _pipeline(folder: Path) -> Pipeline:
    examples = Importer(
        source_uri=str(folder / "examples"),
        artifact_type=standard_artifacts.Examples,
        properties={"split_names": '["train", "eval", "test"]'},
    ).with_id("Examples")
    catalog = Importer(
        source_uri=str(folder / "catalog"), artifact_type=Catalog
    ).with_id("Catalog")
    item_vectors = Importer(
        source_uri=str(folder / "vectors"), artifact_type=ItemVectors
    ).with_id("ItemVectors")
    trainer = TowerTrainer(
        examples=examples.outputs["result"],
        catalog=catalog.outputs["result"],
        item_vectors=item_vectors.outputs["result"],
        run_fn=RUN_FN,
        custom_config=CUSTOM_CONFIG,
    )
    return Pipeline(
        pipeline_name="towers",
        pipeline_root=str(folder / "root"),
        components=[examples, catalog, item_vectors, trainer],
        metadata_connection_config=sqlite_metadata_connection_config(
            str(folder / "metadata.sqlite")
        ),
    )


def test_run_fn_receives_config_and_both_uris(tmp_path):
    for name in ("examples", "catalog", "vectors"):
        (tmp_path / name).mkdir()
    LocalDagRunner().run(_pipeline(tmp_path))
    (found,) = (tmp_path / "root").rglob("came.json")
    assert found.parent.name == "Format-Serving"
    came = json.loads(found.read_text())
    assert came["custom_config"] == CUSTOM_CONFIG | {
        "catalog_uri": str(tmp_path / "catalog"),
        "item_vectors_uri": str(tmp_path / "vectors"),
    }
    assert came["train_files"] == [str(tmp_path / "examples/Split-train/*")]
    assert came["eval_files"] == [str(tmp_path / "examples/Split-eval/*")]


def test_kubeflow_spec_holds_the_two_inputs(tmp_path):
    spec_path = tmp_path / "towers.json"
    kubeflow_v2_dag_runner.KubeflowV2DagRunner(
        config=kubeflow_v2_dag_runner.KubeflowV2DagRunnerConfig(),
        output_filename=str(spec_path),
    ).run(_pipeline(tmp_path))
    spec = json.loads(spec_path.read_text())["pipelineSpec"]
    inputs = spec["components"]["TowerTrainer"]["inputDefinitions"]["artifacts"]
    assert {"examples", "catalog", "item_vectors"} <= inputs.keys()


def test_custom_config_that_sets_a_uri_is_refused():
    with pytest.raises(ValueError, match="catalog_uri"):
        TowerTrainer(
            examples=None,
            catalog=None,
            item_vectors=None,
            run_fn=RUN_FN,
            custom_config={"catalog_uri": "/elsewhere"},
        )
