import pytest
import tensorflow as tf

from components.window_examples import shards


def test_records_come_back_in_order(tmp_path):
    name = shards.shard_name(3, 12)
    assert name == "data_tfrecord-00003-of-00012.gz"
    shards.write_records(str(tmp_path), "eval", name, [[b"a", b"b"]])
    path = str(tmp_path / "Split-eval" / name)
    records = tf.data.TFRecordDataset(path, "GZIP")
    assert [record.numpy() for record in records] == [b"a", b"b"]


def test_shard_written_again_replaces_the_first(tmp_path):
    for batch in ([b"a"], [b"b"]):
        shards.write_records(str(tmp_path), "eval", "x.gz", [batch])
    path = str(tmp_path / "Split-eval" / "x.gz")
    records = tf.data.TFRecordDataset(path, "GZIP")
    assert [record.numpy() for record in records] == [b"b"]


def test_interrupted_shard_never_shows_under_its_name(tmp_path):
    def broken():
        yield [b"a"]
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        shards.write_records(str(tmp_path), "eval", "x.gz", broken())
    assert list((tmp_path / "Split-eval").iterdir()) == []
