"""Vector store: what is kept, and what a torn write leaves behind."""

import numpy as np
import pyarrow as pa
import pytest

from components.item_encoder.vector_store import VectorStore
from components.item_encoder.vector_store import write_table


def test_kept_vectors_come_back_by_their_text(tmp_path):
    store = VectorStore(str(tmp_path), "abc", 2)
    store.write(["one", "two"], np.array([[1, 2], [3, 4]], np.float32))
    store.write(["three"], np.array([[5, 6]], np.float32))
    vectors, is_found = store.read(["two", "four", "three", "two"])
    assert is_found.tolist() == [True, False, True, True]
    assert vectors[is_found].tolist() == [[3, 4], [5, 6], [3, 4]]


def test_another_backbone_finds_nothing(tmp_path):
    VectorStore(str(tmp_path), "abc", 1).write(["one"], np.ones((1, 1)))
    _, is_found = VectorStore(str(tmp_path), "def", 1).read(["one"])
    assert not is_found.any()


def test_torn_write_of_a_killed_run_is_not_read(tmp_path):
    store = VectorStore(str(tmp_path), "abc", 1)
    store.write(["one"], np.ones((1, 1), np.float32))
    (whole,) = (tmp_path / "abc").iterdir()
    torn = whole.with_name(f".0123-{whole.name}")
    torn.write_bytes(whole.read_bytes()[:20])
    _, is_found = store.read(["one"])
    assert is_found.all()


def test_failed_write_leaves_no_file_under_the_final_name(tmp_path):
    path = tmp_path / "no_such_folder" / "t.parquet"
    path.parent.mkdir(mode=0o755)
    path.parent.rmdir()
    path.parent.write_text("a file where a folder should be")
    with pytest.raises(OSError, match="no_such_folder"):
        write_table(pa.table({"a": [1]}), str(path))
    assert not path.exists()
