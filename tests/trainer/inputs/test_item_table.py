"""Catalogue, vectors and counts come together row by row."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainer.inputs.item_table import load_item_table


def _write(folder, item_ids, vector_ids):
    pq.write_table(
        pa.table(
            {
                "item_id": pa.array(item_ids, pa.string()),
                "title": pa.array(
                    [f"Title {one}" for one in item_ids], pa.string()
                ),
                "description": pa.array(
                    [None, "", "told"][: len(item_ids)], pa.string()
                ),
                "categories": pa.array(
                    [["y", "x"], None, []][: len(item_ids)],
                    pa.list_(pa.string()),
                ),
                "price": pa.array(
                    [1.5, None, 0.0][: len(item_ids)], pa.float32()
                ),
                "created_at": pa.array(
                    [-60, 60, None][: len(item_ids)], pa.int64()
                ),
            }
        ),
        folder / "catalog.parquet",
    )
    flat = pa.array(np.arange(2 * len(vector_ids)), pa.float32())
    vectors = pa.FixedSizeListArray.from_arrays(flat, 2)
    pq.write_table(
        pa.table({"item_id": vector_ids, "vector": vectors}),
        folder / "item_vectors.parquet",
    )
    return str(folder)


def test_rows_follow_the_catalogue(tmp_path):
    ids = ["a", "b", "c"]
    folder = _write(tmp_path, ids, ids)
    items = load_item_table(folder, folder, {"b": 7})
    assert items.num_items == 3
    assert items.counts.tolist() == [0, 7, 0]
    assert items.text_vectors.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert items.titles == ("Title a", "Title b", "Title c")
    assert items.descriptions == ("", "", "told")
    assert items.categories == ("x", "y")
    assert items.category_ids.tolist() == [[1, 0], [-1, -1], [-1, -1]]
    np.testing.assert_array_equal(items.prices, [1.5, np.nan, 0.0])
    np.testing.assert_array_equal(items.created_at, [-60.0, 60.0, np.nan])


def test_vectors_of_another_catalogue_are_refused(tmp_path):
    folder = _write(tmp_path, ["a", "b"], ["a", "c"])
    with pytest.raises(ValueError, match="2 vectors for 2 items"):
        load_item_table(folder, folder, {})


def test_empty_catalogue_is_refused(tmp_path):
    folder = _write(tmp_path, [], [])
    with pytest.raises(ValueError, match="Received: 0 items"):
        load_item_table(folder, folder, {})
