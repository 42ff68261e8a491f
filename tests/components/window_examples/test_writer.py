import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf

from components.window_examples import reader
from components.window_examples import writer
from components.window_examples.window import WindowEvent
from schemas import events
from tests.components.window_examples.written_window import OLDER
from tests.components.window_examples.written_window import build_table
from tests.components.window_examples.written_window import encode_record


def _plan(**rows) -> writer.WindowPlan:
    return writer.WindowPlan(**{n: np.array(one) for n, one in rows.items()})


def _no_buckets(items: pa.Array) -> pa.Array:
    return pa.array([""] * len(items))


def test_part_of_a_plan_keeps_its_rows():
    plan = _plan(
        first=[0, 9],
        older=[0, 8],
        begin=[1, 7],
        label=[2, 6],
        num_context=[3, 5],
    )
    assert plan.take(np.array([1])).label.tolist() == [6]


def test_no_windows_make_no_records():
    nothing = np.zeros(0, np.int64)
    plan = _plan(
        first=nothing,
        older=nothing,
        begin=nothing,
        label=nothing,
        num_context=nothing,
    )
    found = writer.encode_windows(build_table(), plan, _no_buckets, None)
    assert list(found) == []


def test_event_without_a_value_is_told_from_a_zero():
    zero = WindowEvent("z", "rate", 1, 0.0)
    table = build_table([OLDER, zero])
    rows = {"first": 0, "older": 0, "begin": 0, "label": 1, "num_context": 0}
    plan = _plan(**{name: [row] for name, row in rows.items()})
    ((record,),) = writer.encode_windows(table, plan, _no_buckets, None)
    (window,) = reader.decode_windows([record])
    assert window.events[0].value is None
    assert window.label.value == 0.0


def test_columns_that_are_no_features_are_left_out():
    example = tf.train.Example.FromString(encode_record())
    assert "user_code" not in example.features.feature
    table = build_table().append_column("user_code", pa.array([0] * 4))
    rows = {"first": 0, "older": 0, "begin": 0, "label": 1, "num_context": 0}
    plan = _plan(**{name: [row] for name, row in rows.items()})
    ((record,),) = writer.encode_windows(table, plan, _no_buckets, None)
    found = tf.train.Example.FromString(record).features.feature
    assert "user_code" not in found


def test_sensitive_attributes_are_no_part_of_the_profile():
    example = tf.train.Example.FromString(encode_record())
    profile = example.features.feature[events.PROFILE].bytes_list.value
    assert list(profile) == [b"age=35", b"taste=a=b"]


def test_shard_is_a_tfrecord_file_in_order(tmp_path):
    writer.write_records(str(tmp_path), "eval", "x.gz", [[b"a", b"b"]])
    path = str(tmp_path / "Split-eval" / "x.gz")
    records = tf.data.TFRecordDataset(path, "GZIP")
    assert [record.numpy() for record in records] == [b"a", b"b"]


def test_shard_written_again_replaces_the_first(tmp_path):
    for batch in ([b"a"], [b"b"]):
        writer.write_records(str(tmp_path), "eval", "x.gz", [batch])
    path = str(tmp_path / "Split-eval" / "x.gz")
    records = tf.data.TFRecordDataset(path, "GZIP")
    assert [record.numpy() for record in records] == [b"b"]


def test_interrupted_shard_never_shows_under_its_name(tmp_path):
    def broken():
        yield [b"a"]
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        writer.write_records(str(tmp_path), "eval", "x.gz", broken())
    assert list((tmp_path / "Split-eval").iterdir()) == []
