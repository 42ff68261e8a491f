"""The transform graph: sequences, buckets, scaling, on real Transform."""

import numpy as np
import tensorflow as tf

from schemas import events
from tests.trainer.made_up_world import World
from tests.trainer.made_up_world import make_example
from tests.trainer.made_up_world import transform_examples
from trainer import preprocessing


def _apply(inputs, *examples):
    raw = tf.io.parse_example(
        [example.SerializeToString() for example in examples],
        inputs.transform.raw_feature_spec(),
    )
    return inputs.transform.transform_features_layer()(raw)


def test_label_becomes_the_last_event(training_inputs):
    features = _apply(training_inputs, make_example("u", ["i01", "i02"]))
    assert features[events.ITEM_ID].to_list() == [[b"i01", b"i02"]]


def test_first_event_and_timeless_request_have_no_gap(training_inputs):
    example = make_example("u", ["i01", "i02", "i03"])
    timed = _apply(training_inputs, example)[preprocessing.GAP].to_list()[0]
    assert timed[0] == 0
    assert min(timed[1:]) >= 1
    label_time = example.features.feature[events.LABEL_TIMESTAMP]
    label_time.int64_list.value[0] = 0
    timeless = _apply(training_inputs, example)[preprocessing.GAP].to_list()
    assert timeless[0] == [0, timed[1], 0]


def test_values_are_standardised_and_absence_is_marked(training_inputs):
    example = make_example("u", ["i01", "i30"])
    example.features.feature[events.VALUE].float_list.value[0] = float("nan")
    features = _apply(training_inputs, example)
    value = features[events.VALUE].to_list()[0]
    # Genres rate 3, 4, 5, 3: mean 3.75, variance (2 * 0.75^2 + 0.25^2 +
    # 1.25^2) / 4 = 0.6875; an item of the third genre is rated 5.
    np.testing.assert_allclose(value, [0.0, 1.25 / np.sqrt(0.6875)], rtol=1e-5)
    assert features[preprocessing.HAS_VALUE].to_list() == [[0.0, 1.0]]


def test_vocabulary_counts_each_target_once(training_inputs):
    from trainer.training import count_items

    counts = count_items(training_inputs.transform)
    # 48 train examples of 10 window events and a label, all of them targets.
    assert sum(counts.values()) == 48 * 11
    assert "i47" not in counts


def test_empty_window_passes(training_inputs):
    features = _apply(training_inputs, make_example("u", ["i01"]))
    assert features[preprocessing.GAP].to_list() == [[0]]
    assert features[events.OLDER_ITEM_ID].to_list() == [[]]


def test_what_users_wrote_passes_with_the_label_last(training_inputs):
    silent = make_example("u", ["i01", "i02"])
    told = make_example("u", ["i01", "i02"])
    for name, text in ((events.TEXT, b"dogs"), (events.LABEL_TEXT, b"cats")):
        told.features.feature[name].bytes_list.value.append(text)
    features = _apply(training_inputs, silent, told)
    assert features[events.TEXT].to_list() == [[], [b"dogs", b"cats"]]


def test_no_time_of_a_request_counts_where_the_data_has_none(tmp_path):
    import tensorflow_transform as tft

    paths = World(*(tmp_path / name for name in World._fields))
    paths.examples.mkdir()
    paths.transformed.mkdir()
    timed = make_example("u", ["i01", "i02", "i03"])
    timeless = tf.train.Example.FromString(timed.SerializeToString())
    for name in (events.TIMESTAMP, events.LABEL_TIMESTAMP):
        values = timeless.features.feature[name].int64_list.value
        values[:] = [0] * len(values)
    options = tf.io.TFRecordOptions(compression_type="GZIP")
    for split in ("train", "eval"):
        path = str(paths.examples / f"{split}.gz")
        with tf.io.TFRecordWriter(path, options) as writer:
            writer.write(timeless.SerializeToString())
    transform_examples(paths)
    transform = tft.TFTransformOutput(str(paths.transform))
    raw = tf.io.parse_example(
        [timed.SerializeToString()], transform.raw_feature_spec()
    )
    found = transform.transform_features_layer()(raw)
    assert found[preprocessing.GAP].to_list() == [[0, 0, 0]]
    assert found[events.TIMESTAMP].to_list() == [[0, 0, 0]]
