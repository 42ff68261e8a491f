import threading

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_health.v1 import health_pb2_grpc

from serving.model_server.rpc.grpc_server import parse_channel_arguments
from serving.model_server.server import ModelServer
from serving.model_server.serving_error import ServingError
from serving.model_server.settings.server_options import ServerOptions
from serving.protos import prediction_service_pb2_grpc
from tests.serving.conformance.requests import build_predict
from tests.serving.conformance.requests import read_refusal
from tests.serving.requests import build_recommend_request


def _stub(channel):
    return prediction_service_pb2_grpc.PredictionServiceStub(channel)


def test_f16_channel_arguments_are_numbers_where_they_can_be():
    text = "grpc.max_connection_age_ms=2000,grpc.x=y,grpc.z=-1"
    assert parse_channel_arguments(text) == [
        ("grpc.max_connection_age_ms", 2000),
        ("grpc.x", "y"),
        ("grpc.z", -1),
    ]
    assert parse_channel_arguments("") == []
    with pytest.raises(ServingError, match="Received: lonely"):
        parse_channel_arguments("grpc.a=1,lonely")


def test_f17_unix_socket_without_a_port(half_plus_two, tmp_path):
    socket = tmp_path / "socket"
    options = ServerOptions(grpc_socket_path=str(socket))
    with (
        ModelServer("m", half_plus_two.parent, None, options) as server,
        grpc.insecure_channel(f"unix:{socket}") as channel,
    ):
        assert server.port == 0
        request = build_predict("m", {"x": [2.0]})
        assert _stub(channel).Predict(request, timeout=20).outputs


def test_without_the_flag_health_is_unimplemented(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest()
    assert read_refusal(stub.Check, request)[0] is (
        grpc.StatusCode.UNIMPLEMENTED
    )


def test_request_that_is_too_big_is_resource_exhausted(half_plus_two):
    options = ServerOptions(host="127.0.0.1", max_request_bytes=2000)
    with (
        ModelServer("m", half_plus_two.parent, 0, options) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        predict = _stub(channel).Predict
        code, _ = read_refusal(predict, build_predict("m", {"x": [2.0] * 999}))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert predict(build_predict("m", {"x": [2.0]}), timeout=20).outputs


def test_surplus_requests_are_shed_and_not_queued(
    slow_recommender_model, tmp_path
):
    """An answer takes 0.4 s; of three at once, one too many is refused."""
    (tmp_path / "1").symlink_to(slow_recommender_model)
    options = ServerOptions(host="127.0.0.1", max_concurrent_requests=2)
    codes = []
    with (
        ModelServer("tastemaker", tmp_path, 0, options) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        predict = _stub(channel).Predict
        start = threading.Barrier(8)

        def ask():
            start.wait(20)
            try:
                predict(build_recommend_request(), timeout=60)
            except grpc.RpcError as error:
                codes.append(error.code())
            else:
                codes.append(grpc.StatusCode.OK)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(codes) == {
        grpc.StatusCode.OK,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
