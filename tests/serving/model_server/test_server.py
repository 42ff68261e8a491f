import dataclasses
import shutil
import socket
import threading
import time

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2
from grpc_health.v1 import health_pb2_grpc

from serving.client import RecommenderClient
from serving.model_server.server import ModelServer
from serving.model_server.server import ServerOptions
from serving.query import Query
from tests.serving.conftest import add_version

_FAST = ServerOptions(
    host="localhost",
    file_system_poll_wait_seconds=0.02,
    max_num_load_retries=0,
)


def _start(base_path, options=_FAST, **arguments):
    server = ModelServer("tastemaker", base_path, options=options)
    server.start(**arguments)
    return server


def _wait_until(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def _is_in_use(server) -> bool:
    """Whether a request runs just now."""
    handles = server.models["tastemaker"]._available.values()
    return any(handle._num_users for handle in handles)


def _states(client) -> dict[int, str]:
    return {status.version: status.state for status in client.status()}


class _Load:
    """Asks without pause from several threads; remembers what came."""

    def __init__(self, address: str, num_threads: int = 4):
        self.versions: list[int] = []
        self.failures: list[Exception] = []
        self._address = address
        self._is_over = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask) for _ in range(num_threads)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self):
        query = Query(item_ids=["i01", "i02"])
        with RecommenderClient(self._address, timeout=20) as client:
            while not self._is_over.is_set():
                try:
                    slate = client.recommend(query, k=5)[0]
                except (OSError, LookupError, RuntimeError, ValueError) as e:
                    self.failures.append(e)
                else:
                    self.versions.append(slate.model_version)


def test_no_request_is_lost_while_versions_come_break_and_go(
    base_path, recommender_model, broken_recommender_model
):
    add_version(base_path, 1, recommender_model)
    server = _start(base_path)
    address = f"localhost:{server.port}"
    try:
        with RecommenderClient(address) as client, _Load(address) as load:
            for version in range(2, 7):
                is_broken = version == 4
                model = (
                    broken_recommender_model if is_broken else recommender_model
                )
                add_version(base_path, version, model)
                state = "END" if is_broken else "AVAILABLE"
                _wait_until(
                    lambda v=version, s=state: _states(client).get(v) == s
                )
                count = len(load.versions)
                _wait_until(lambda c=count: len(load.versions) > c + 50)
            shutil.rmtree(base_path / "6")  # rolls back to 5
            _wait_until(lambda: _states(client)[6] == "END")
            count = len(load.versions)
            _wait_until(lambda: len(load.versions) > count + 50)
            final = _states(client)
    finally:
        server.stop()
    assert load.failures == []
    assert set(load.versions) == {1, 2, 3, 5, 6}
    assert set(load.versions[-20:]) == {5}
    assert final == {
        6: "END",
        5: "AVAILABLE",
        4: "END",
        3: "END",
        2: "END",
        1: "END",
    }


def test_request_under_way_ends_well_although_its_version_was_replaced(
    base_path, slow_recommender_model, recommender_model
):
    add_version(base_path, 1, slow_recommender_model)
    server = _start(base_path)
    try:
        with RecommenderClient(f"localhost:{server.port}") as client:
            slates = []
            thread = threading.Thread(
                target=lambda: slates.extend(client.recommend(Query(), 3))
            )
            thread.start()
            _wait_until(lambda: _is_in_use(server))
            add_version(base_path, 2, recommender_model)
            _wait_until(lambda: _states(client).get(2) == "AVAILABLE")
            _wait_until(lambda: _states(client)[1] in ("UNLOADING", "END"))
            thread.join()
            assert [s.model_version for s in slates] == [1]
            _wait_until(lambda: _states(client)[1] == "END")
    finally:
        server.stop()


def test_stopping_lets_a_request_under_way_finish(
    base_path, slow_recommender_model
):
    add_version(base_path, 1, slow_recommender_model)
    server = _start(base_path)
    slates = []
    with RecommenderClient(f"localhost:{server.port}") as client:
        thread = threading.Thread(
            target=lambda: slates.extend(client.recommend(Query(), 3))
        )
        thread.start()
        _wait_until(lambda: _is_in_use(server))
        server.stop()
        thread.join()
    assert len(slates) == 1


def test_v12_port_opens_only_when_a_first_version_serves(
    base_path, recommender_model
):
    server = ModelServer("tastemaker", base_path, options=_FAST)
    thread = threading.Thread(target=server.start)
    thread.start()
    try:
        time.sleep(0.2)
        assert server.port is None
        add_version(base_path, 1, recommender_model)
        thread.join(20)
        with RecommenderClient(f"localhost:{server.port}") as client:
            assert _states(client) == {1: "AVAILABLE"}
    finally:
        server.stop()


def test_empty_base_path_times_out_where_asked(base_path):
    with pytest.raises(TimeoutError, match=r"within 0\.1 s. Received: none"):
        _start(base_path, timeout_seconds=0.1)


def test_v13_first_version_that_fails_for_good_ends_the_start(
    base_path, broken_recommender_model
):
    add_version(base_path, 1, broken_recommender_model)
    with pytest.raises(
        RuntimeError,
        match=r"^UNKNOWN: 1 servable\(s\) did not become available: "
        r"\{\{\{name: tastemaker version: 1\} due to error: NOT_FOUND: "
        r"Specified file path(.|\n)*\}, \}$",
    ):
        _start(base_path)


def test_f06_zero_poll_wait_reads_the_directory_once(
    base_path, recommender_model
):
    add_version(base_path, 1, recommender_model)
    options = ServerOptions(host="localhost", file_system_poll_wait_seconds=0)
    server = _start(base_path, options)
    try:
        add_version(base_path, 2, recommender_model)
        time.sleep(0.3)
        with RecommenderClient(f"localhost:{server.port}") as client:
            assert _states(client) == {1: "AVAILABLE"}
    finally:
        server.stop()


def test_second_server_on_a_port_fails_visibly(base_path, recommender_model):
    add_version(base_path, 1, recommender_model)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        options = ServerOptions(host="127.0.0.1")
        server = ModelServer("tastemaker", base_path, port, options)
        with pytest.raises(OSError, match=f"127.0.0.1:{port} must be free"):
            server.start()


def test_w06_h10_version_whose_warm_up_fails_is_not_served(
    base_path, recommender_model
):
    import tensorflow as tf

    from schemas.artifact_files import WARM_UP_FILE
    from serving.protos import prediction_log_pb2
    from tests.serving.requests import build_predict_request

    add_version(base_path, 1, recommender_model)
    bad = shutil.copytree(recommender_model, base_path / ".tmp-2")
    (bad / WARM_UP_FILE).parent.mkdir()
    log = prediction_log_pb2.PredictionLog()
    log.predict_log.request.CopyFrom(
        build_predict_request("rank", {"need": np.array([b"x"])})
    )
    with tf.io.TFRecordWriter(str(bad / WARM_UP_FILE)) as writer:
        writer.write(log.SerializeToString())
    server = _start(base_path)
    try:
        bad.rename(base_path / "2")
        with RecommenderClient(f"localhost:{server.port}") as client:
            _wait_until(lambda: _states(client).get(2) == "END")
            assert "input size" in client.status()[0].error_message
            assert client.recommend(Query(), 1)[0].model_version == 1
    finally:
        server.stop()


def test_health_says_so_while_the_versions_are_not_kept(
    base_path, recommender_model, monkeypatch
):
    add_version(base_path, 1, recommender_model)
    options = dataclasses.replace(_FAST, enable_grpc_healthcheck_service=True)
    server = _start(base_path, options)
    try:
        with grpc.insecure_channel(f"localhost:{server.port}") as channel:
            check = health_pb2_grpc.HealthStub(channel).Check
            request = health_pb2.HealthCheckRequest()

            def is_serving() -> bool:
                status = check(request, timeout=20, wait_for_ready=True).status
                return status == health_pb2.HealthCheckResponse.SERVING

            assert is_serving()
            with monkeypatch.context() as broken:
                broken.setattr(server.models, "step", lambda: 1 / 0)
                _wait_until(lambda: not is_serving())
            _wait_until(is_serving)
    finally:
        server.stop()


def test_server_whose_rest_port_closed_by_itself_ends(
    base_path, recommender_model
):
    add_version(base_path, 1, recommender_model)
    with socket.create_server(("localhost", 0)) as probe:
        port = probe.getsockname()[1]
    server = _start(base_path, dataclasses.replace(_FAST, rest_api_port=port))
    try:
        server._rest._server.should_exit = True  # as if its loop had failed
        with pytest.raises(RuntimeError, match="REST port must run"):
            server.wait()
    finally:
        server.stop()
