"""A small graph, asked through batches."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
import tensorflow as tf

from serving.model_server.batching import BatchedModel
from serving.model_server.batching import BatchingParameters
from serving.model_server.batching import BatchScheduler
from serving.model_server.batching.batch_scheduler import Task
from serving.model_server.metrics.server_metrics import ServerMetrics
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel

_v1 = tf.compat.v1


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """`doubled` and `size` of x `[N, M]`; `waited` takes 0.3 s a batch.

    `checked` refuses negative numbers.
    """
    path = tmp_path_factory.mktemp("graph") / "1"
    with tf.Graph().as_default(), _v1.Session() as session:
        x = _v1.placeholder(tf.float32, [None, None], name="x")
        tf.multiply(x, 2.0, name="doubled")
        rows = tf.shape(x)[0]
        tf.fill([rows], rows, name="size")
        tf.reduce_sum(x, name="scalar")
        with tf.control_dependencies([tf.debugging.assert_non_negative(x)]):
            tf.identity(x, name="checked")
        end = tf.timestamp() + 0.3
        rounds = tf.while_loop(
            lambda _: tf.timestamp() < end, lambda i: [i + 1], [0]
        )
        with tf.control_dependencies(rounds):
            tf.identity(x, name="waited")
        signature = _v1.saved_model.predict_signature_def({"x": x}, {"y": x})
        builder = _v1.saved_model.Builder(str(path))
        builder.add_meta_graph_and_variables(
            session, ["serve"], {"serving_default": signature}
        )
        builder.save()
    loaded = LoadedModel(path)
    yield loaded
    loaded.close()


def batch(model, metrics=None, **parameters) -> BatchedModel:
    parameters = BatchingParameters(**{"num_batch_threads": 1} | parameters)
    return BatchedModel(model, BatchScheduler(parameters, metrics))


def rows(*values: float, width: int = 1) -> dict[str, np.ndarray]:
    column = np.array(values, np.float32)[:, np.newaxis]
    return {"x:0": np.repeat(column, width, axis=1)}


def wait_until(condition) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.001)


@contextlib.contextmanager
def taken_slot(batched: BatchedModel):
    """Keeps the only slot busy to its end; yields threads to ask from."""
    scheduler, is_over = batched._scheduler, threading.Event()
    blocker = (
        "blocker",
        [Task({}, 1, float("inf"))],
        scheduler.parameters,
        lambda batch: is_over.wait(30),
    )
    with ThreadPoolExecutor() as threads:
        running = threads.submit(scheduler.run, *blocker)
        wait_until(scheduler.count_running)
        try:
            yield threads
        finally:
            is_over.set()
        running.result(30)


def ask_behind(batched: BatchedModel, *requests, fetches) -> list:
    """Asks all while the only slot is taken, so that they run together."""
    with taken_slot(batched) as threads:
        futures = []
        for feeds in requests:
            futures.append(threads.submit(batched.run, feeds, fetches))
            num = len(futures)
            wait_until(lambda num=num: _count_started(batched, futures) == num)
    return [future.exception(30) or future.result() for future in futures]


def _count_started(batched, futures) -> int:
    num_done = sum(future.done() for future in futures)
    return num_done + batched._scheduler.count_waiting()


def test_signatures_are_those_of_the_model(model):
    assert batch(model).signatures is model.signatures


def test_requests_run_together_and_get_their_own_rows_back(model):
    first, second = ask_behind(
        batch(model),
        rows(1.0),
        rows(2.0, 3.0),
        fetches=["doubled:0", "size:0", "doubled:0"],
    )
    assert [part.tolist() for part in first] == [[[2.0]], [3], [[2.0]]]
    assert [p.tolist() for p in second] == [[[4], [6]], [3, 3], [[4], [6]]]


def test_another_output_filter_has_a_queue_of_its_own(model):
    batched = batch(model)
    with taken_slot(batched) as threads:
        futures = [
            threads.submit(batched.run, rows(1.0), ["size:0"]),
            threads.submit(batched.run, rows(1.0), ["size:0", "doubled:0"]),
        ]
        wait_until(lambda: _count_started(batched, futures) == 2)
    sizes = [future.result(30)[0].tolist() for future in futures]
    assert sizes == [[1], [1]]


def test_a_request_of_the_wrong_dtype_fails_alone(model):
    good, bad = ask_behind(
        batch(model),
        rows(1.0),
        {"x:0": np.array([[1]], np.int64)},
        fetches=["doubled:0"],
    )
    assert good[0].tolist() == [[2.0]]
    assert bad.message.startswith(
        "Expects arg[0] to be float but int64 is provided"
    )


def test_a_request_that_the_graph_refuses_fails_alone(model):
    good, bad, other = ask_behind(
        batch(model),
        rows(1.0),
        rows(-1.0),
        rows(2.0),
        fetches=["checked:0"],
    )
    assert [good[0].tolist(), other[0].tolist()] == [[[1.0]], [[2.0]]]
    assert bad.code is grpc.StatusCode.INVALID_ARGUMENT


def test_a_large_request_is_split_where_that_is_allowed(model):
    batched = batch(
        model,
        max_batch_size=8,
        enable_large_batch_splitting=True,
        max_execution_batch_size=3,
    )
    doubled, sizes = batched.run(rows(*range(8)), ["doubled:0", "size:0"])
    assert doubled.tolist() == [[2.0 * n] for n in range(8)]
    assert sizes.tolist() == [3, 3, 3, 3, 3, 3, 2, 2]
    with pytest.raises(ServingError, match="Task size 9 is larger"):
        batched.run(rows(*range(9)), ["doubled:0"])


def test_requests_of_other_shapes_run_together_with_padding(model):
    first, second = ask_behind(
        batch(model, pad_variable_length_inputs=True),
        rows(1.0),
        rows(2.0, width=2),
        fetches=["doubled:0", "size:0"],
    )
    assert first[0].tolist() == [[2.0, 2.0]]
    assert second[0].tolist() == [[4.0, 4.0]]
    assert first[1].tolist() == [2]


def test_padding_that_would_fill_memory_is_not_done(model):
    # Together: 4001 rows of 2000.
    tall = rows(*range(4000))
    wide = rows(1.0, width=2000)
    first, second = ask_behind(
        batch(model, max_batch_size=5000, pad_variable_length_inputs=True),
        tall,
        wide,
        fetches=["doubled:0"],
    )
    assert first[0].shape == (4000, 1)
    assert second[0].shape == (1, 2000)


def test_a_batch_is_filled_up_to_an_allowed_size(model):
    batched = batch(model, max_batch_size=4, allowed_batch_sizes=(1, 4))
    doubled, sizes = batched.run(rows(1.0, 2.0), ["doubled:0", "size:0"])
    assert doubled.tolist() == [[2.0], [4.0]]
    assert sizes.tolist() == [4, 4]


def test_b12_a_request_that_waited_too_long_is_told_so(model):
    batched = batch(model)
    with taken_slot(batched) as threads:
        late = threads.submit(batched.run, rows(1.0), ["size:0"], 0.001)
        wait_until(lambda: _count_started(batched, [late]))
        time.sleep(0.01)
    with pytest.raises(ServingError) as caught:
        late.result(30)
    assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert caught.value.message == (
        "Run() timeout exceeded while waiting in batching queue"
    )


def test_a_batch_has_as_long_as_its_most_patient_request(model):
    batched = batch(model)
    assert batched.run(rows(1.0), ["waited:0"], 30.0)[0].tolist() == [[1.0]]
    with pytest.raises(ServingError) as caught:
        batched.run(rows(1.0), ["waited:0"], 0.05)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


def test_b13_a_model_s_own_parameters_win(model):
    scheduler = BatchScheduler(BatchingParameters(max_batch_size=1))
    own = BatchedModel(model, scheduler, BatchingParameters(max_batch_size=2))
    assert own.run(rows(1.0, 2.0), ["size:0"])[0].tolist() == [2, 2]
    with pytest.raises(ServingError, match="maximum input batch size 1"):
        BatchedModel(model, scheduler).run(rows(1.0, 2.0), ["size:0"])


def test_o07_sizes_and_waiting_times_are_counted(model):
    metrics = ServerMetrics()
    batched = batch(model, metrics, max_batch_size=4, allowed_batch_sizes=(4,))
    batched.run(rows(1.0, 2.0, 3.0), ["size:0"])
    page = metrics.render()
    prefix = ":tensorflow:serving:batching_session:"
    assert f"{prefix}input_batch_size_sum{{}} 3" in page
    assert f"{prefix}processed_batch_size_sum{{}} 4" in page
    assert f'{prefix}padding_size_sum{{execution_batch_size="4"}} 1' in page
    assert f"{prefix}queuing_latency_count" in page
