"""What the writer writes comes back, all of it."""

import dataclasses

import pytest
import tensorflow as tf

from components.window_examples import reader
from components.window_examples.shards import split_folder
from components.window_examples.window import Window
from components.window_examples.window import WindowEvent
from components.window_examples.writer import write_records
from schemas import events
from tests.components.window_examples.written_window import FIRST
from tests.components.window_examples.written_window import LABEL
from tests.components.window_examples.written_window import WINDOW
from tests.components.window_examples.written_window import encode_record


def _list_features() -> list[str]:
    """Names of the features that have a value."""
    example = tf.train.Example.FromString(encode_record())
    features = example.features.feature
    return sorted(name for name in features if _get_values(features[name]))


def _get_values(feature: tf.train.Feature):
    return getattr(feature, feature.WhichOneof("kind")).value


def test_window_comes_back_as_it_was_written():
    (window,) = reader.decode_windows([encode_record()])
    assert window == WINDOW


def test_example_of_this_test_leaves_no_field_at_its_default():
    # A field that nobody fills in would come back without being read.
    for event in (FIRST, LABEL):
        defaults = WindowEvent._field_defaults
        same = [n for n in defaults if getattr(event, n) == defaults[n]]
        assert same in ([], ["positive"])
    empty = Window(user_id="", events=(), label=LABEL)
    same = [
        field.name
        for field in dataclasses.fields(Window)
        if getattr(WINDOW, field.name) == getattr(empty, field.name)
    ]
    assert same == ["label"]


@pytest.mark.parametrize("feature", _list_features())
def test_each_feature_that_is_written_is_read(feature):
    example = tf.train.Example.FromString(encode_record())
    told = example.features.feature[feature]
    # One value more or another one must be seen, whatever it is.
    values = _get_values(told)
    is_text = isinstance(values[0], bytes)
    values[0] = values[0] + b"=x" if is_text else 1 - values[0]
    (window,) = reader.decode_windows([example.SerializeToString()])
    assert window != WINDOW


def test_every_feature_of_the_schema_is_written():
    names = {
        value
        for name, value in vars(events).items()
        if name.isupper()
        and isinstance(value, str)
        and not name.endswith("_PREFIX")
    }
    # A mark is a value of an event that no window holds.
    assert names - set(events.MARK_TYPES) <= set(_list_features())


def test_windows_of_one_user_are_found_among_others(tmp_path):
    other = tf.train.Example.FromString(encode_record())
    value = other.features.feature[events.USER_ID].bytes_list.value
    value[0] = b"v"
    records = [other.SerializeToString(), encode_record()]
    write_records(str(tmp_path), "train", "x.gz", [records])
    folder = split_folder(tmp_path, "train")
    assert list(reader.read_windows_of(folder, "u")) == [WINDOW]
    assert [w.user_id for w in reader.read_windows(folder)] == ["v", "u"]
    assert list(reader.read_windows_of(folder, "w")) == []


def test_split_that_is_not_there_holds_nothing(tmp_path):
    assert list(reader.read_windows(tmp_path / "Split-eval")) == []
    assert reader.decode_windows([]) == []
    assert reader.read_feature([], events.ITEM_ID) == []


def test_feature_is_read_by_its_name():
    records = [encode_record(), tf.train.Example().SerializeToString()]
    assert reader.read_feature(records, events.PROFILE) == [
        [b"age=35", b"taste=a=b"],
        [],
    ]
    assert reader.read_feature(records, "no such") == [[], []]
