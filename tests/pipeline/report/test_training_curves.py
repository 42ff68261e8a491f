"""Curves come back as they were written, however they were written."""

import tensorflow as tf

from pipeline.report.training_curves import load_training_curves


def _write(folder, values):
    with tf.summary.create_file_writer(str(folder)).as_default():
        for step, value in enumerate(values):
            tf.summary.scalar("loss", value, step=step)


def test_curves_are_told_apart_by_their_folder(tmp_path):
    _write(tmp_path / "train", [4.0, 2.0])
    _write(tmp_path / "eval", [8.0])
    assert load_training_curves(tmp_path) == {
        "loss": {"train": [(0, 4.0), (1, 2.0)], "eval": [(0, 8.0)]}
    }


def test_values_that_cannot_be_drawn_are_left_out(tmp_path):
    _write(tmp_path, [1.0, float("nan"), 3.0])
    curves = load_training_curves(tmp_path)
    assert curves == {"loss": {".": [(0, 1.0), (2, 3.0)]}}


def test_histograms_are_no_curves(tmp_path):
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        tf.summary.histogram("weights", [1.0, 2.0], step=0)
    assert load_training_curves(tmp_path) == {}


def test_folder_without_logs_has_no_curves(tmp_path):
    assert load_training_curves(tmp_path) == {}
