"""What the channel does by itself, seen from a gRPC server's end."""

import threading
import time
from concurrent import futures

import grpc
import pytest

from serving.gateway.upstream.model_channel import open_model_channel
from serving.gateway.upstream.upstream_config import UpstreamConfig
from tests.serving.gateway.certificates import Authority

_METHOD = "/tensorflow.serving.PredictionService/Predict"


class _Server(grpc.GenericRpcHandler):
    """Refuses the first attempts, or all, and counts every one."""

    def __init__(self, num_refused, code, credentials=None, pushback_ms=None):
        self.num_attempts = 0
        self._num_refused = num_refused
        self._code = code
        self._pushback_ms = pushback_ms
        self._lock = threading.Lock()
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        self._server.add_generic_rpc_handlers([self])
        self.port = (
            self._server.add_insecure_port("127.0.0.1:0")
            if credentials is None
            else self._server.add_secure_port("127.0.0.1:0", credentials)
        )
        self._server.start()

    def service(self, handler_call_details):
        return grpc.unary_unary_rpc_method_handler(self._answer)

    def _answer(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        with self._lock:
            self.num_attempts += 1
            is_refused = self.num_attempts <= self._num_refused
        if is_refused:
            if self._pushback_ms is not None:  # gRFC A6: retry no earlier
                context.set_trailing_metadata(
                    [("grpc-retry-pushback-ms", str(self._pushback_ms))]
                )
            context.abort(self._code, "refused")
        return request

    def stop(self):
        self._server.stop(None).wait()


@pytest.fixture
def start():
    servers = []

    def start_one(num_refused, code=grpc.StatusCode.UNAVAILABLE, **options):
        servers.append(_Server(num_refused, code, **options))
        return servers[-1]

    yield start_one
    for server in servers:
        server.stop()


def _call(channel, timeout=10.0):
    return channel.unary_unary(_METHOD)(b"hello", timeout=timeout)


def _open(server, **settings):
    return open_model_channel(
        UpstreamConfig(address=f"127.0.0.1:{server.port}", **settings)
    )


def test_caller_does_not_notice_two_refused_attempts(start):
    server = start(num_refused=2)
    with _open(server) as channel:
        assert _call(channel) == b"hello"
    assert server.num_attempts == 3


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.INTERNAL,
    ],
)
def test_only_an_unavailable_server_is_asked_again(start, code):
    server = start(num_refused=9, code=code)
    with _open(server) as channel, pytest.raises(grpc.RpcError) as caught:
        _call(channel)
    assert caught.value.code() is code
    assert server.num_attempts == 1


def test_one_attempt_means_no_retry(start):
    server = start(num_refused=1)
    with (
        _open(server, max_attempts=1) as channel,
        pytest.raises(grpc.RpcError, match="UNAVAILABLE"),
    ):
        _call(channel)
    assert server.num_attempts == 1


def test_failing_server_gets_no_more_retries_than_the_budget(start):
    server = start(num_refused=10**6)
    with _open(server) as channel:
        for _ in range(20):
            with pytest.raises(grpc.RpcError, match="UNAVAILABLE"):
                _call(channel)
    # 10 tokens; each refusal takes one, and a retry needs more than 5 left
    # (gRFC A6). First call: 9, retry, 8, retry, 7. Second: 6, retry, 5. Then
    # none: 20 calls and 3 retries, where 3 attempts each would be 60.
    assert server.num_attempts == 23


def test_no_retry_goes_past_the_deadline(start):
    server = start(num_refused=1, pushback_ms=20_000)
    with _open(server) as channel:
        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as caught:
            _call(channel, timeout=0.2)
        assert time.monotonic() - began < 20  # what the server asks for
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert server.num_attempts == 1


def test_replicas_share_the_calls_and_stand_in_for_each_other(start):
    replicas = [start(num_refused=0) for _ in range(2)]
    ports = ",".join(f"127.0.0.1:{replica.port}" for replica in replicas)
    config = UpstreamConfig(address=f"ipv4:{ports}")
    with open_model_channel(config) as channel:
        end = time.monotonic() + 60
        while not all(replica.num_attempts for replica in replicas):
            assert time.monotonic() < end
            _call(channel)
        replicas[0].stop()
        for _ in range(20):
            assert _call(channel) == b"hello"


def test_server_that_starts_late_is_found_within_seconds(start):
    server = start(num_refused=0)
    config = UpstreamConfig(address=f"127.0.0.1:{server.port}")
    server.stop()
    with open_model_channel(config) as channel:
        with pytest.raises(grpc.RpcError, match="UNAVAILABLE"):
            _call(channel)
        # After many failures gRPC would wait for up to two minutes.
        handler = grpc.method_handlers_generic_handler(
            "tensorflow.serving.PredictionService",
            {
                "Predict": grpc.unary_unary_rpc_method_handler(
                    lambda request, _: request
                )
            },
        )
        again = grpc.server(futures.ThreadPoolExecutor(1))
        again.add_generic_rpc_handlers([handler])
        again.add_insecure_port(config.address)
        again.start()
        try:
            grpc.channel_ready_future(channel).result(30)
            assert _call(channel) == b"hello"
        finally:
            again.stop(None).wait()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure_server(start, authority):
    issued = authority.issue("server")
    credentials = grpc.ssl_server_credentials(
        [(issued.key.read_bytes(), issued.certificate.read_bytes())]
    )
    return start(num_refused=0, credentials=credentials)


def test_server_with_a_known_authority_is_asked_over_tls(
    secure_server, authority
):
    with _open(
        secure_server, root_certificates_path=authority.own.certificate
    ) as channel:
        assert _call(channel) == b"hello"


def test_server_that_asks_who_is_there_is_told(start, authority):
    issued, own = authority.issue("server"), authority.issue("gateway")
    root = authority.own.certificate
    server = start(
        num_refused=0,
        credentials=grpc.ssl_server_credentials(
            [(issued.key.read_bytes(), issued.certificate.read_bytes())],
            root_certificates=root.read_bytes(),
            require_client_auth=True,
        ),
    )
    with (
        _open(server, root_certificates_path=root) as channel,
        pytest.raises(grpc.RpcError, match="UNAVAILABLE"),
    ):
        _call(channel)
    with _open(
        server,
        root_certificates_path=root,
        client_certificate_path=own.certificate,
        client_key_path=own.key,
    ) as channel:
        assert _call(channel) == b"hello"


def test_server_of_a_stranger_is_not_asked(secure_server, tmp_path):
    stranger = Authority(tmp_path, "stranger")
    with (
        _open(
            secure_server, root_certificates_path=stranger.own.certificate
        ) as channel,
        pytest.raises(grpc.RpcError, match="UNAVAILABLE"),
    ):
        _call(channel)
    assert secure_server.num_attempts == 0


def test_missing_root_certificates_stop_the_start(tmp_path):
    config = UpstreamConfig(root_certificates_path=tmp_path / "missing.pem")
    with pytest.raises(OSError, match=r"missing\.pem"):
        open_model_channel(config)
