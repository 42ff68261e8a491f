"""ItemEncoder as TFX runs it: the executor on real artifacts."""

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter
from tfx import types
from tfx.dsl.components.base import base_beam_executor

from components.item_encoder.component import Executor
from components.item_encoder.component import ItemEncoder
from schemas import artifact_types
from trainer.config import TextBackboneConfig


def _build_artifact(kind, folder):
    folder.mkdir()
    artifact = kind()
    artifact.uri = str(folder)
    return artifact


def test_executor_writes_vectors_and_counts_what_it_reused(
    tiny_backbone_preset, tmp_path
):
    catalog = _build_artifact(artifact_types.Catalog, tmp_path / "catalog")
    table = pa.table(
        {
            "item_id": ["a", "b"],
            "title": ["toy story", "war"],
            "description": ["", ""],
            "categories": pa.array([["comedy"], []], pa.list_(pa.string())),
        }
    )
    pq.write_table(table, tmp_path / "catalog" / "catalog.parquet")
    config = TextBackboneConfig(preset=tiny_backbone_preset)
    counts = []
    for name in ("first", "second"):
        vectors = _build_artifact(artifact_types.ItemVectors, tmp_path / name)
        context = base_beam_executor.BaseBeamExecutor.Context(
            beam_pipeline_args=[
                "--runner=FnApiRunner",
                "--sdk_container_image=unused",
            ],
            tmp_dir=str(tmp_path / "tmp"),
            unique_id=name,
        )
        Executor(context).Do(
            {"catalog": [catalog]},
            {"item_vectors": [vectors]},
            {
                "config": TypeAdapter(TextBackboneConfig).dump_json(config),
                "store_uri": str(tmp_path / "store"),
                "store_config": "{}",
                "code_version": "1",
            },
        )
        written = pq.read_table(tmp_path / name / "item_vectors.parquet")
        assert written["item_id"].to_pylist() == ["a", "b"]
        counts.append(
            (
                vectors.get_int_custom_property("num_reused_items"),
                vectors.get_int_custom_property("num_encoded_texts"),
            )
        )
    assert counts == [(0, 2), (2, 0)]


def test_component_promises_item_vectors():
    component = ItemEncoder(
        catalog=types.Channel(type=artifact_types.Catalog),
        config="{}",
        store_uri="/store",
        code_version="1",
    )
    output = component.outputs["item_vectors"]
    assert output.type is artifact_types.ItemVectors
