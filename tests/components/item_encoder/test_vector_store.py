"""Vector store: what is kept, and what a torn write leaves behind."""

import os
import pathlib
import time

import numpy as np
import pyarrow as pa
import pytest

from components.item_encoder.config import VectorStoreConfig
from components.item_encoder.vector_store import VectorStore
from components.item_encoder.vector_store import prune
from components.item_encoder.vector_store import write_table


def test_kept_vectors_come_back_by_their_text(tmp_path):
    store = VectorStore(str(tmp_path), "abc", 2)
    store.write(["one", "two"], np.array([[1, 2], [3, 4]], np.float32))
    store.write(["three"], np.array([[5, 6]], np.float32))
    vectors, is_found, _ = store.read(["two", "four", "three", "two"])
    assert is_found.tolist() == [True, False, True, True]
    assert vectors[is_found].tolist() == [[3, 4], [5, 6], [3, 4]]


def test_another_backbone_finds_nothing(tmp_path):
    VectorStore(str(tmp_path), "abc", 1).write(["one"], np.ones((1, 1)))
    found = VectorStore(str(tmp_path), "def", 1).read(["one"])
    assert not found.is_found.any()


def test_torn_write_of_a_killed_run_is_not_read(tmp_path):
    store = VectorStore(str(tmp_path), "abc", 1)
    store.write(["one"], np.ones((1, 1), np.float32))
    (whole,) = (tmp_path / "abc").iterdir()
    torn = whole.with_name(f".0123-{whole.name}")
    torn.write_bytes(whole.read_bytes()[:20])
    assert store.read(["one"]).is_found.all()


def test_failed_write_leaves_no_file_under_the_final_name(tmp_path):
    path = tmp_path / "no_such_folder" / "t.parquet"
    path.parent.mkdir(mode=0o755)
    path.parent.rmdir()
    path.parent.write_text("a file where a folder should be")
    with pytest.raises(OSError, match="no_such_folder"):
        write_table(pa.table({"a": [1]}), str(path))
    assert not path.exists()


KEEP = VectorStoreConfig(keep_days=10)


def run(folder, day, *texts, fingerprint="abc"):
    """Does what a run does with its texts; returns those it must encode.

    Files get the time of that day.
    """

    def clock():
        return day * 86_400.0

    store = VectorStore(str(folder), fingerprint, 1, KEEP, clock)
    before = set(folder.rglob("*.parquet"))
    vectors, is_found, is_aging = store.read(texts)
    aging = np.flatnonzero(is_aging)
    store.renew([texts[row] for row in aging], vectors[aging])
    missing = [
        text for text, found in zip(texts, is_found, strict=True) if not found
    ]
    if missing:
        store.write(missing, np.array([[len(m)] for m in missing], np.float32))
    for path in set(folder.rglob("*.parquet")) - before:
        os.utime(path, (clock(), clock()))
    prune(str(folder), KEEP, clock)
    return missing


def test_vectors_in_use_stay_and_others_leave(tmp_path):
    assert run(tmp_path, 100, "used", "unused") == ["used", "unused"]
    for day in range(101, 161, 5):
        assert run(tmp_path, day, "used") == []
    assert run(tmp_path, 161, "unused", "used") == ["unused"]


def test_vectors_come_back_as_they_were_however_often_they_are_renewed(
    tmp_path,
):
    for day in range(100, 200, 11):
        run(tmp_path, day, "one", "three", "one")
    store = VectorStore(str(tmp_path), "abc", 1)
    assert store.read(["three", "one"]).vectors.tolist() == [[5.0], [3.0]]


def test_vectors_are_written_again_once_and_not_in_every_run(tmp_path):
    run(tmp_path, 100, "one")
    counts = []
    for day in (109, 111, 112, 119, 121):
        run(tmp_path, day, "one")
        counts.append(len(list(tmp_path.rglob("*.parquet"))))
    # Renewed on day 111; the first part leaves on day 121.
    assert counts == [1, 2, 2, 2, 1]


def test_two_pipelines_keep_what_either_uses(tmp_path):
    run(tmp_path, 100, "ours", "theirs")
    for day in range(101, 200, 9):
        assert run(tmp_path, day, "ours") == []
        assert run(tmp_path, day, "theirs") == []


def test_vectors_of_a_backbone_that_nobody_uses_leave(tmp_path):
    run(tmp_path, 100, "one", fingerprint="before")
    run(tmp_path, 119, "one")
    assert len(list((tmp_path / "before").iterdir())) == 1
    run(tmp_path, 121, "one")
    assert list((tmp_path / "before").iterdir()) == []


def test_torn_parts_of_killed_runs_leave(tmp_path):
    run(tmp_path, 100, "one")
    torn = tmp_path / "abc" / ".0123-part-4567.parquet"
    torn.write_bytes(b"PAR1")
    os.utime(torn, (100 * 86_400.0,) * 2)
    run(tmp_path, 119, "one")
    assert torn.exists()
    run(tmp_path, 121, "one")
    assert not torn.exists()


def test_nothing_leaves_where_all_is_to_be_kept(tmp_path):
    run(tmp_path, 1, "one")
    forever = VectorStoreConfig(keep_days=None)
    assert prune(str(tmp_path), forever, time.time) == 0
    store = VectorStore(str(tmp_path), "abc", 1, forever)
    assert store.read(["one"]).is_aging.tolist() == [False]


def test_store_that_is_not_there_yet_has_nothing_to_remove(tmp_path):
    assert prune(str(tmp_path / "none"), KEEP) == 0


def test_part_that_another_run_removes_meanwhile_is_not_found(
    tmp_path, monkeypatch
):
    store = VectorStore(str(tmp_path), "abc", 1)
    store.write(["one"], np.ones((1, 1), np.float32))
    store.write(["two"], np.ones((1, 1), np.float32))
    listed = store._list_parts()
    monkeypatch.setattr(store, "_list_parts", lambda: listed)
    pathlib.Path(listed[0][0]).unlink()
    assert sum(store.read(["one", "two"]).is_found) == 1
