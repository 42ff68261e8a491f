"""A server whose one thread is held shows who is let in, and who is not."""

import queue
import threading

import grpc
import pytest

from serving.model_server.admission import Admission
from serving.model_server.admission import CountingPool
from serving.model_server.metrics.server_metrics import ServerMetrics
from tests.serving.conformance.conftest import wait_until

_PREDICT = "/tensorflow.serving.PredictionService/Predict"
_CHECK = "/grpc.health.v1.Health/Check"
_RELOAD = "/tensorflow.serving.ModelService/HandleReloadConfigRequest"


class _Echo(grpc.GenericRpcHandler):
    """Answers any call with its request; holds it while told to."""

    def __init__(self):
        self.may_go = threading.Event()

    def service(self, details):
        def answer(request, context):
            if details.method != _CHECK:
                self.may_go.wait(20)
            return request

        return grpc.unary_unary_rpc_method_handler(answer)


@pytest.fixture
def echo():
    return _Echo()


@pytest.fixture
def pool():
    return CountingPool(1)


@pytest.fixture
def metrics():
    return ServerMetrics()


@pytest.fixture
def channel(echo, pool, metrics):
    """To a server with one thread and room for two calls."""
    server = grpc.server(pool, [echo], [Admission(pool, 2, metrics)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as opened:
        yield opened
    echo.may_go.set()
    server.stop(None).wait()


@pytest.fixture
def call(channel):
    """Calls a method with one message."""
    return lambda method: channel.unary_unary(method).future(b"x", timeout=20)


def test_surplus_call_is_refused_while_no_thread_is_free(call, echo):
    refused = queue.Queue()
    calls = [call(_PREDICT) for _ in range(5)]
    for each in calls:
        each.add_done_callback(refused.put)
    # All threads are held: what ends now was refused.
    for _ in range(3):
        assert refused.get(timeout=20).code() is (
            grpc.StatusCode.RESOURCE_EXHAUSTED
        )
    echo.may_go.set()
    codes = sorted(each.code().name for each in calls)
    assert codes == ["OK"] * 2 + ["RESOURCE_EXHAUSTED"] * 3


@pytest.fixture
def held(call, pool):
    """Two calls that fill the server."""
    calls = [call(_PREDICT) for _ in range(2)]
    wait_until(lambda: pool.count == 2)
    return calls


def test_place_is_free_again_after_a_call_or_its_end(call, echo, pool, held):
    assert call(_PREDICT).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    for each in held:
        each.cancel()  # one of them still waits for a thread
    echo.may_go.set()
    wait_until(lambda: pool.count == 0)
    assert call(_PREDICT).result() == b"x"


def test_refused_call_is_counted(call, held, metrics):
    assert call(_PREDICT).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    wanted = 'model_name="_unknown_",status="RESOURCE_EXHAUSTED"} 1'
    assert wanted in metrics.render()


def test_health_check_passes_by_a_queue(call, held):
    assert call(_CHECK).result() == b"x"
    assert not any(each.done() for each in held)


def test_reloads_that_take_their_time_hold_no_thread_of_predictions(
    call, echo, pool
):
    reloads = [call(_RELOAD) for _ in range(4)]
    prediction = call(_PREDICT)
    wait_until(lambda: pool.count == 1)
    echo.may_go.set()
    assert prediction.result() == b"x"
    assert [each.result() for each in reloads] == [b"x"] * 4


def test_refusal_does_not_wait_for_the_request(channel, held):
    silence = threading.Event()

    def send_nothing():
        silence.wait(20)
        yield b"x"

    refused = channel.stream_unary(_PREDICT).future(send_nothing(), timeout=20)
    try:
        assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    finally:
        silence.set()
