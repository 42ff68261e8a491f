"""Padded batches of catalogue rows."""

import tensorflow as tf

from tests.trainer.made_up_world import make_example
from trainer.inputs.windows import RowLookup
from trainer.inputs.windows import load_windows
from trainer.inputs.windows import to_batch

ROWS = RowLookup(["i01", "i02", "i03"])


def _batch(inputs, *examples):
    raw = tf.io.parse_example(
        [example.SerializeToString() for example in examples],
        inputs.transform.raw_feature_spec(),
    )
    return to_batch(inputs.transform.transform_features_layer()(raw), ROWS)


def test_windows_of_unequal_length_are_padded(training_inputs):
    batch = _batch(
        training_inputs,
        make_example("u", ["i03", "i02", "i01"]),
        make_example("v", ["i09"]),
    )
    # Row 3 is both padding and "not in the catalogue".
    assert batch["rows"].numpy().tolist() == [[2, 1, 0], [3, 3, 3]]
    assert batch["mask"].numpy().tolist() == [
        [True, True, True],
        [True, False, False],
    ]


def test_context_is_no_target(training_inputs):
    example = make_example("u", ["i03", "i02", "i01"], "train")
    example.features.feature["num_context"].int64_list.value[0] = 1
    batch = _batch(training_inputs, example)
    assert batch["is_target"].numpy().tolist() == [[False, True, True]]


def test_shuffled_stream_holds_every_window_once(training_inputs):
    spec = training_inputs.transform.transformed_feature_spec()

    def read(seed):
        batches = load_windows(training_inputs.train_paths, spec, ROWS, 7, seed)
        return [
            tuple(times)
            for batch in batches
            for times in batch["rows"].numpy().tolist()
        ]

    plain, shuffled = read(None), read(1)
    assert len(plain) == 48
    assert sorted(plain) == sorted(shuffled)


def test_all_windows_of_a_user_carry_the_same_number(training_inputs):
    batch = _batch(
        training_inputs,
        make_example("u", ["i03", "i02"]),
        make_example("v", ["i01"]),
        make_example("u", ["i01", "i02", "i03"]),
    )
    first, second, again = batch["user"].numpy()[:, 0].tolist()
    assert first == again != second
