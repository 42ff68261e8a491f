import pyarrow as pa
import pytest

from components.window_examples import columns


@pytest.fixture
def batch():
    """u: a, b | c with a as context; v: no window | d."""
    return pa.record_batch(
        {
            "user_id": pa.array([[b"u"], [b"v"]]),
            "item_id": pa.array([[b"a", b"b"], []]),
            "timestamp": pa.array([[1, 2], []], pa.list_(pa.int64())),
            "label_item_id": pa.array([[b"c"], [b"d"]]),
            "label_timestamp": pa.array([[3], [4]]),
            "num_context": pa.array([[1], [0]]),
            "user_attribute_age": pa.array([None, [30.0]]),
        }
    )


def test_events_come_window_by_window_with_the_label_last(batch):
    found = columns.read_events(batch).to_pydict()
    assert found["item_id"] == [b"a", b"b", b"c", b"d"]
    assert found["window"] == [0, 0, 0, 1]
    assert found["position"] == [0, 1, 2, 0]
    assert found["timestamp"] == [1, 2, 3, 4]


def test_features_that_the_batch_has_not_are_empty(batch):
    found = columns.read_events(batch).to_pydict()
    assert found["text"] == [b""] * 4
    assert found["value"] == [None] * 4
    assert found["positive"] == [False] * 4


def test_context_is_no_target_and_every_label_is_one(batch):
    targets = columns.read_targets(batch).to_pydict()
    assert targets["item_id"] == [b"b", b"c", b"d"]
    assert targets["user_id"] == [b"u", b"u", b"v"]


def test_attribute_is_null_where_it_is_missing(batch):
    windows = columns.read_windows(batch).to_pydict()
    assert windows["user_attribute_age"] == [None, 30.0]
    assert windows["older_item_id"] == [[], []]


def test_column_of_type_null_holds_no_values():
    # tfx_bsl gives a feature without any value the type null.
    empty = pa.array([[]], pa.list_(pa.null()))
    lone = pa.record_batch(
        {
            "item_id": empty,
            "timestamp": empty,
            "label_item_id": pa.array([[b"d"]]),
        }
    )
    found = columns.read_events(lone).to_pydict()
    assert found["item_id"] == [b"d"]
    assert found["timestamp"] == [0]


def test_another_number_of_values_than_events_is_told(batch):
    short = batch.set_column(
        2, "timestamp", pa.array([[1], []], pa.list_(pa.int64()))
    )
    with pytest.raises(ValueError, match=r"`timestamp` must have 2 .*: 1"):
        columns.read_events(short)


def test_values_of_any_feature_are_listed(batch):
    assert columns.list_values(batch, "user_attribute_age") == [[], [30.0]]
    assert columns.list_values(batch, "no such") == [[], []]
