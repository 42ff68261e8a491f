"""Which events of a batch of windows are targets."""

import pyarrow as pa
import pytest

from components.behavior_validator.targets import extract_targets
from components.behavior_validator.targets import find_leaking_examples


def _batch(**columns):
    return pa.RecordBatch.from_arrays(
        list(columns.values()), names=list(columns)
    )


@pytest.fixture
def batch():
    """u: a, b | c with a as context; v: no window | d."""
    return _batch(
        user_id=pa.array([[b"u"], [b"v"]]),
        item_id=pa.array([[b"a", b"b"], []]),
        event_type=pa.array([[b"view", b"rate"], []]),
        timestamp=pa.array([[1, 2], []], pa.list_(pa.int64())),
        label_item_id=pa.array([[b"c"], [b"d"]]),
        label_event_type=pa.array([[b"rate"], [b"view"]]),
        label_timestamp=pa.array([[3], [4]]),
        num_context=pa.array([[1], [0]]),
    )


def test_context_is_no_target_and_every_label_is_one(batch):
    targets = extract_targets(batch, "train").to_pydict()
    assert targets["item_id"] == [b"b", b"c", b"d"]
    assert targets["user_id"] == [b"u", b"u", b"v"]
    assert targets["timestamp"] == [2, 3, 4]
    assert targets["event_type"] == [b"rate", b"rate", b"view"]
    assert targets["split"] == [b"train"] * 3
    assert targets["text"] == [b""] * 3  # the dataset maps no text


def test_batch_of_empty_windows_has_its_labels(batch):
    # TFXIO gives a feature without any value the type null.
    empty = pa.array([[]], pa.list_(pa.null()))
    lone = _batch(
        user_id=pa.array([[b"v"]]),
        item_id=empty,
        event_type=empty,
        timestamp=empty,
        label_item_id=pa.array([[b"d"]]),
        label_event_type=pa.array([[b"view"]]),
        label_timestamp=pa.array([[4]]),
        num_context=pa.array([[0]]),
    )
    assert extract_targets(lone, "test").to_pydict()["item_id"] == [b"d"]
    assert find_leaking_examples(lone).tolist() == []


@pytest.mark.parametrize(
    ("times", "labels", "leaking"),
    [
        ([[1, 2], []], [[2], [4]], []),  # equal times are in order
        ([[1, 5], []], [[3], [4]], [0]),  # later than the label
        ([[2, 1], []], [[3], [4]], [0]),  # later than its successor
        ([[1], [9, 9]], [[3], [4]], [1]),
    ],
)
def test_events_from_later_on_are_found(times, labels, leaking):
    kind = pa.list_(pa.int64())
    batch = _batch(
        item_id=pa.array([[b"a"] * len(window) for window in times]),
        timestamp=pa.array(times, kind),
        label_timestamp=pa.array(labels, kind),
    )
    assert find_leaking_examples(batch).tolist() == leaking
