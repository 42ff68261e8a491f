"""What was learnt and asked comes back from Examples."""

import numpy as np
import tensorflow as tf

from pipeline.report.diagnostics.recorded_behavior import read_queries
from pipeline.report.diagnostics.recorded_behavior import read_train_events
from pipeline.report.diagnostics.recorded_behavior import sample_evenly
from schemas import events
from tests.components.serving_validator.windows import build_window
from tests.components.serving_validator.windows import write_split
from tests.pipeline.report.diagnostics.recorded_queries import build_queries

ROWS = {"a": 0, "b": 1, "c": 2, "d": 3}


def _build_record(
    user_id, window, label, num_context=0, older=(), is_positive=True
):
    example = tf.train.Example.FromString(build_window(window, older=older))
    feature = example.features.feature
    feature[events.USER_ID].bytes_list.value.append(user_id.encode())
    feature[events.LABEL_ITEM_ID].bytes_list.value.append(label.encode())
    feature[events.NUM_CONTEXT].int64_list.value.append(num_context)
    feature[events.LABEL_POSITIVE].float_list.value.append(float(is_positive))
    return example.SerializeToString()


def test_each_train_event_counts_once(tmp_path):
    folder = write_split(
        tmp_path,
        [
            _build_record("u", ["a", "b"], "c"),
            _build_record("u", ["b", "c"], "d", num_context=2),
            _build_record("v", [], "a"),
        ],
    )
    train = read_train_events(folder, ROWS, 4)
    assert train.items.tolist() == [0, 1, 2, 3, 0]
    assert train.users.tolist() == [0, 0, 0, 0, 1]
    assert train.counts.tolist() == [2, 1, 1, 1]
    assert train.step == 1


def test_incidence_counts_a_user_once(tmp_path):
    folder = write_split(tmp_path, [_build_record("u", ["a", "b"], "a")])
    incidence = read_train_events(folder, ROWS, 4).build_incidence()
    assert incidence.toarray().tolist() == [[1], [1], [0], [0]]


def test_train_items_outside_the_catalogue_are_left_out(tmp_path):
    folder = write_split(tmp_path, [_build_record("u", ["z", "b"], "y")])
    assert read_train_events(folder, ROWS, 4).items.tolist() == [1]


def test_empty_split_holds_nothing(tmp_path):
    write_split(tmp_path, [])
    train = read_train_events(tmp_path, ROWS, 4)
    assert train.counts.tolist() == [0, 0, 0, 0]
    assert train.build_incidence().shape == (4, 1)
    assert read_queries(tmp_path, 10, ROWS, 4, False).records == []


def test_queries_tell_history_what_was_met_and_what_came_next(tmp_path):
    records = [
        _build_record("u", ["b", "z", "a"], "d", older=["c"]),
        _build_record("v", [], "y", is_positive=False),
    ]
    queries = read_queries(write_split(tmp_path, records), 10, ROWS, 4, False)
    assert queries.records == records
    assert queries.histories[0].tolist() == [1, 0]  # oldest first
    assert queries.met[0].tolist() == [0, 1, 2]
    assert queries.targets.tolist() == [3, 4]  # 4 = not in the catalogue
    assert queries.is_positive.tolist() == [True, False]


def test_slices_are_read_off_texts_numbers_and_lists():
    queries = build_queries(
        [[]] * 3,
        [0] * 3,
        1,
        [{"a": "x=1", "n": 7}, {"a": ["x=1", "y"]}, {}],
    )
    assert queries.is_in_slice("").tolist() == [True, True, True]
    assert queries.is_in_slice("a=x=1").tolist() == [True, True, False]
    assert queries.is_in_slice("a=y").tolist() == [False, True, False]
    assert queries.is_in_slice("n=7").tolist() == [True, False, False]


def test_sample_is_even_and_never_too_large():
    records = [bytes([n]) for n in range(100)]
    assert sample_evenly(records, 100) == (records, 1)
    kept, step = sample_evenly(records, 30)
    assert step == 4
    assert kept == records[::4]  # 25; every second one would be 50
    assert np.diff([record[0] for record in kept]).tolist() == [4] * 24
