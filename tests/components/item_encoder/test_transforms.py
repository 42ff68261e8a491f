"""EncodeItems: order, reuse and bad catalogues, through a real pipeline."""

import json

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf

from components.item_encoder import transforms
from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import TextBackboneConfig

ITEMS = [
    ("a", "toy story", "", ["comedy", "children"]),
    ("b", "big house of horror", "the night", ["horror"]),
    ("c", "war", "", []),
    ("d", "war", "", []),
]


def _write_catalog(folder, items):
    folder.mkdir(exist_ok=True)
    columns = zip(*items, strict=True) if items else [[], [], [], []]
    names = ["item_id", "title", "description", "categories"]
    types = [pa.string()] * 3 + [pa.list_(pa.string())]
    arrays = [
        pa.array(list(column), kind)
        for column, kind in zip(columns, types, strict=True)
    ]
    pq.write_table(
        pa.table(dict(zip(names, arrays, strict=True))),
        folder / "catalog.parquet",
    )
    return str(folder)


def _run(config, catalog_uri, tmp_path, name):
    """Runs the transform; returns the output folder and the counters."""
    output = tmp_path / name
    output.mkdir()
    pipeline = beam.Pipeline(runner="FnApiRunner")
    _ = (
        pipeline
        | beam.Create([catalog_uri])
        | transforms.EncodeItems(config, str(tmp_path / "store"), str(output))
    )
    result = pipeline.run()
    result.wait_until_finish()
    counters = result.metrics().query()["counters"]
    counts = {c.key.metric.name: c.result for c in counters}
    return output, (
        counts.get(transforms.NUM_REUSED, 0),
        counts.get(transforms.NUM_ENCODED, 0),
    )


def _read(output):
    table = pq.read_table(output / "item_vectors.parquet")
    return table["item_id"].to_pylist(), np.array(table["vector"].to_pylist())


@pytest.fixture
def config(tiny_backbone_preset):
    return TextBackboneConfig(preset=tiny_backbone_preset)


def test_vectors_are_those_of_the_items_text_in_catalogue_order(
    config, tmp_path, monkeypatch
):
    monkeypatch.setattr(transforms, "_ROWS_PER_CHUNK", 3)
    catalog_uri = _write_catalog(tmp_path / "catalog", ITEMS)
    output, _ = _run(config, catalog_uri, tmp_path, "run")
    item_ids, vectors = _read(output)
    backbone = load_text_backbone(config)
    expected = backbone.encode(
        tf.constant(
            [
                "toy story. comedy, children",
                "big house of horror. horror. the night",
                "war",
                "war",
            ]
        )
    )
    assert item_ids == ["a", "b", "c", "d"]
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    described = json.loads((output / "backbone.json").read_text())
    assert described["fingerprint"] == backbone.fingerprint
    assert described["embedding_dim"] == 16
    assert {path.name for path in output.iterdir()} == {
        "backbone.json",
        "item_vectors.parquet",
    }


def test_vector_column_has_a_fixed_width(config, tmp_path):
    catalog_uri = _write_catalog(tmp_path / "catalog", ITEMS)
    output, _ = _run(config, catalog_uri, tmp_path, "run")
    schema = pq.read_schema(output / "item_vectors.parquet")
    assert schema.field("vector").type == pa.list_(pa.float32(), 16)


def test_second_run_encodes_only_the_changed_item(config, tmp_path):
    catalog_uri = _write_catalog(tmp_path / "catalog", ITEMS)
    first, counts = _run(config, catalog_uri, tmp_path, "first")
    # Items c and d share their text: 4 items, 3 texts.
    assert counts == (0, 3)
    changed = [*ITEMS[:1], ("b", "red dog", "", []), *ITEMS[2:]]
    _write_catalog(tmp_path / "catalog", changed)
    second, counts = _run(config, catalog_uri, tmp_path, "second")
    assert counts == (3, 1)
    old, new = _read(first)[1], _read(second)[1]
    np.testing.assert_array_equal(old[[0, 2, 3]], new[[0, 2, 3]])
    assert np.abs(old[1] - new[1]).max() > 1e-3


def test_other_backbone_settings_encode_everything_again(
    config, tiny_backbone_preset, tmp_path
):
    catalog_uri = _write_catalog(tmp_path / "catalog", ITEMS)
    _run(config, catalog_uri, tmp_path, "first")
    other = TextBackboneConfig(preset=tiny_backbone_preset, max_tokens=4)
    _, counts = _run(other, catalog_uri, tmp_path, "second")
    assert counts == (0, 3)


def test_empty_catalogue_stops_the_run(config, tmp_path):
    catalog_uri = _write_catalog(tmp_path / "catalog", [])
    with pytest.raises(Exception, match="at least one item"):
        _run(config, catalog_uri, tmp_path, "run")


def test_missing_preset_stops_the_run_with_the_forms(tmp_path):
    catalog_uri = _write_catalog(tmp_path / "catalog", ITEMS)
    config = TextBackboneConfig(preset="no_such_preset")
    with pytest.raises(Exception, match="KerasHub preset name"):
        _run(config, catalog_uri, tmp_path, "run")
