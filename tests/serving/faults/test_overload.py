"""More than the server can do is refused at once, not queued for ever."""

import collections
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from serving.model_server.server import ModelServer
from serving.model_server.server import ServerOptions
from serving.protos import prediction_service_pb2_grpc
from tests.serving.conftest import MODEL_NAME
from tests.serving.conftest import add_version
from tests.serving.requests import build_recommend_request

_NUM_CALLS = 24


@pytest.fixture
def predict(slow_recommender_model, tmp_path):
    """Predict of a server with room for three calls, of 0.4 s each."""
    add_version(tmp_path / "models", 1, slow_recommender_model)
    options = ServerOptions(
        host="127.0.0.1", grpc_max_threads=1, max_concurrent_requests=3
    )
    with (
        ModelServer(MODEL_NAME, tmp_path / "models", 0, options) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict


def test_overload_is_refused_as_resource_exhausted_and_passes(predict):
    def ask(_):
        try:
            return predict(build_recommend_request(), timeout=30) and "OK"
        except grpc.RpcError as error:
            return error.code().name

    with ThreadPoolExecutor(_NUM_CALLS) as threads:
        counts = collections.Counter(threads.map(ask, range(_NUM_CALLS)))
    assert set(counts) == {"OK", "RESOURCE_EXHAUSTED"}
    assert counts["OK"] >= 3
    assert ask(None) == "OK"
