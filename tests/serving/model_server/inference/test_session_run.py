"""Both ways answer alike: a TensorFlow without the private one serves too."""

import types

import grpc
import numpy as np
import pytest
import tensorflow as tf

from serving.model_server.inference.session_run import PrivateRun
from serving.model_server.inference.session_run import PublicRun
from serving.model_server.inference.session_run import choose_run
from serving.model_server.serving_error import ServingError

TEXTS = np.array([b"a\0", b"bc"], dtype=object)
HALVES = np.array([1.0, 0.5], np.float32)


@pytest.fixture(scope="module", params=[PrivateRun, PublicRun])
def run(request):
    graph = tf.Graph()
    with graph.as_default():
        texts = tf.compat.v1.placeholder(tf.string, [None], name="texts")
        halves = tf.compat.v1.placeholder(tf.float32, [2], name="halves")
        tf.identity(texts, name="same")
        tf.identity(texts[0], name="first")
        tf.identity(2.0 * halves, name="doubled")
        rounds = tf.while_loop(
            lambda i: i < 2_000_000_000, lambda i: [i + 1], [0]
        )
        tf.identity(rounds, name="endless")
        tf.reshape(texts, [7], name="impossible")
    with tf.compat.v1.Session(graph=graph) as session:
        yield request.param(session)


def test_values_come_in_the_order_asked_and_may_repeat(run):
    doubled, texts, again = run(
        {"texts:0": TEXTS, "halves:0": HALVES},
        ["doubled:0", "same:0", "doubled:0"],
    )
    assert doubled.tolist() == again.tolist() == [2.0, 1.0]
    assert texts.dtype == object
    assert texts.tolist() == [b"a\0", b"bc"]


def test_scalar_text_keeps_its_zeros(run):
    (first,) = run({"texts:0": TEXTS}, ["first:0"])
    assert np.asarray(first, object).item() == b"a\0"


def test_wrong_dtype_is_refused_and_not_converted(run):
    with pytest.raises(ServingError) as caught:
        run({"halves:0": np.array([1, 2]), "texts:0": TEXTS}, ["doubled:0"])
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    # The first of the two by name.
    assert caught.value.message.startswith(
        "Expects arg[0] to be float but int64 is provided"
    )


def test_values_of_more_dimensions_than_numpy_walks_are_refused(run):
    # Unchecked, the process ends with a segmentation fault.
    deep = np.array(b"a", object).reshape([1] * 33)
    with pytest.raises(ServingError, match="Received: 33") as caught:
        run({"texts:0": deep}, ["same:0"])
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_failing_op_is_a_status(run):
    with pytest.raises(ServingError) as caught:
        run({"texts:0": TEXTS}, ["impossible:0"])
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_run_ends_when_its_time_is_up(run):
    with pytest.raises(ServingError) as caught:
        run({}, ["endless:0"], 50)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


def test_public_run_refuses_a_shape_that_does_not_fit():
    graph = tf.Graph()
    with graph.as_default():
        pair = tf.compat.v1.placeholder(tf.float32, [2], name="pair")
        tf.identity(pair, name="same")
    with (
        tf.compat.v1.Session(graph=graph) as session,
        pytest.raises(ServingError, match="shape") as caught,
    ):
        PublicRun(session)({"pair:0": np.zeros(3, np.float32)}, ["same:0"])
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_private_run_is_taken_only_where_tensorflow_has_it():
    assert choose_run() is PrivateRun
    assert choose_run(None) is PublicRun
    without_one = types.SimpleNamespace(
        TF_SessionRun_wrapper=print, TF_DeleteBuffer=print
    )
    assert choose_run(without_one) is PublicRun
