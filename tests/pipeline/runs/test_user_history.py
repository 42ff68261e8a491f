"""A user's newest window is found again, with the event after it."""

import pytest
import tensorflow as tf

from pipeline.runs.user_history import find_heaviest_user
from pipeline.runs.user_history import find_typical_event
from pipeline.runs.user_history import iterate_queries
from pipeline.runs.user_history import iterate_users
from pipeline.runs.user_history import keep_first_event
from pipeline.runs.user_history import load_user_history
from schemas import events

NAN = float("nan")


def _example(user, window, label, older=()):
    """Makes a window example; an event is (item, time, value or NaN)."""

    def feature(values):
        if all(isinstance(value, str) for value in values):
            encoded = [value.encode() for value in values]
            return tf.train.Feature(
                bytes_list=tf.train.BytesList(value=encoded)
            )
        if any(isinstance(value, float) for value in values):
            return tf.train.Feature(float_list=tf.train.FloatList(value=values))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))

    item, time, value = label
    features = {
        events.USER_ID: [user],
        events.ITEM_ID: [event[0] for event in window],
        events.EVENT_TYPE: ["rate"] * len(window),
        events.TIMESTAMP: [event[1] for event in window],
        events.VALUE: [event[2] for event in window],
        events.POSITIVE: [int(event[2] >= 4) for event in window],
        events.OLDER_ITEM_ID: list(older),
        events.LABEL_ITEM_ID: [item],
        events.LABEL_EVENT_TYPE: ["review"],
        events.LABEL_TIMESTAMP: [time],
        events.LABEL_VALUE: [0.0 if value != value else value],
        events.LABEL_VALUE_WEIGHT: [float(value == value)],
    }
    return tf.train.Example(
        features=tf.train.Features(
            feature={name: feature(v) for name, v in features.items() if v}
        )
    ).SerializeToString()


@pytest.fixture(scope="module")
def examples_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("examples")
    splits = {
        "train": [
            _example("ann", [("a", 1, 4.0)], ("b", 2, 2.0)),
            _example("bob", [("x", 1, 5.0)], ("y", 2, NAN)),
            # Everything in one second, the later window first.
            _example("dan", [("z", 5, 1.0), ("m", 5, 2.0)], ("a", 5, 3.0)),
            _example("dan", [("z", 5, 1.0)], ("m", 5, 2.0)),
            # A long history, cut into windows that overlap in "q".
            _example("cid", [("p", 1, 3.0)], ("q", 2, 3.0)),
            _example("cid", [("q", 2, 3.0)], ("r", 3, 3.0)),
        ],
        "eval": [
            _example("ann", [("a", 1, 4.0), ("b", 2, NAN)], ("c", 9, 5.0))
        ],
        # The same second as in eval: who has seen "c" came later.
        "test": [
            _example(
                "ann", [("b", 2, NAN), ("c", 9, 5.0)], ("d", 9, NAN), ["a"]
            )
        ],
    }
    for split, records in splits.items():
        folder = path / f"Split-{split}"
        folder.mkdir()
        with tf.io.TFRecordWriter(
            str(folder / "data.gz"), options="GZIP"
        ) as writer:
            for record in records:
                writer.write(record)
    return path


def test_newest_window_comes_with_its_label_and_gaps(examples_path):
    history = load_user_history(examples_path, "ann")
    assert list(history.query.item_ids) == ["b", "c", "d"]
    assert list(history.query.event_types) == ["rate", "rate", "review"]
    assert list(history.query.timestamps) == [2, 9, 9]
    assert list(history.query.values) == [None, 5.0, None]


def test_items_older_than_the_window_are_excluded(examples_path):
    history = load_user_history(examples_path, "ann")
    assert list(history.constraints.excluded_item_ids) == ["a"]


def test_items_of_earlier_train_windows_are_excluded(examples_path):
    history = load_user_history(examples_path, "cid")
    assert list(history.query.item_ids) == ["q", "r"]
    assert list(history.constraints.excluded_item_ids) == ["p"]


def test_user_of_the_train_split_alone_is_found(examples_path):
    history = load_user_history(examples_path, "bob")
    assert list(history.query.item_ids) == ["x", "y"]


def test_unknown_user_is_named(examples_path):
    with pytest.raises(LookupError, match="'eve'"):
        load_user_history(examples_path, "eve")


def test_user_with_most_events_is_the_heaviest(examples_path):
    assert find_heaviest_user(examples_path) == "ann"


def test_typical_event_is_the_mean_of_successes_in_train(examples_path):
    typical = find_typical_event(examples_path)
    assert typical.event_type == "rate"
    assert typical.value == pytest.approx(4.5)  # of 4.0 and 5.0


def test_first_event_alone_remains(examples_path):
    query = keep_first_event(load_user_history(examples_path, "ann"))
    assert list(query.item_ids) == ["b"]
    assert list(query.values) == [None]


def test_queries_of_a_split_are_windows_without_their_labels(examples_path):
    first, second, *_ = iterate_queries(examples_path, "train")
    assert list(first.item_ids) == ["a"]
    assert list(second.values) == [5.0]
    (asked,) = iterate_queries(examples_path, "test")
    assert list(asked.item_ids) == ["b", "c"]
    assert list(asked.timestamps) == [2, 9]


def test_event_of_several_windows_is_read_once(examples_path):
    users = {user.user_id: user for user in iterate_users(examples_path)}
    # These labels are reviews, and rated in the windows that follow.
    assert [
        (event.timestamp, event.item_id, event.event_type)
        for event in users["ann"].events
    ] == [
        (1, "a", "rate"),
        (2, "b", "review"),
        (2, "b", "rate"),  # in two windows
        (9, "c", "review"),
        (9, "c", "rate"),
        (9, "d", "review"),
    ]


def test_events_of_one_second_stay_in_the_order_of_ingest(examples_path):
    users = {user.user_id: user for user in iterate_users(examples_path)}
    found = users["dan"].events
    items = [event.item_id for event in found if event.event_type == "rate"]
    assert items == ["z", "m"]
    assert found[-1].item_id == "a"
    newest = load_user_history(examples_path, "dan")
    assert list(newest.query.item_ids) == ["z", "m", "a"]


def test_event_without_a_value_is_given_none(examples_path):
    users = {user.user_id: user for user in iterate_users(examples_path)}
    found = [event for event in users["bob"].events if event.item_id == "y"]
    assert [event.value for event in found] == [None]
