"""Hostile REST calls: a clear status for each, no crash, no growth.

The same examples each run: what is found once stays found.
"""

import gc
import json
import socket
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.model_server.rest.request_path import parse_call

# The only ones from 500 on are deliberate: 501, 503, 504.
_CLEAR = {200, 400, 404, 408, 413, 429, 431, 501, 503, 504}
_MAX_GROWTH_BYTES = 40 << 20  # a third of what is sent
_SIGNATURES = (
    "serving_default",
    "weigh",
    "texts",
    "scalar",
    "uneven",
    "with_default",
    "echo_float",
    "echo_int32",
    "echo_uint64",
    "echo_bool",
    "echo_string",
    "echo_half",
    "classify_flat",
    "regress_flat",
    "__saved_model_init_op",
    "nothing",
)
_KEYS = ("instances", "inputs", "examples", "context", "a", "b", "x", "b64")


_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.fixed_dictionaries({"b64": st.text("AQ=@", max_size=5)})
)
_values = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=3)
    ),
    max_leaves=12,
)
_documents = st.dictionaries(
    st.sampled_from(_KEYS), _values, max_size=2
).flatmap(
    lambda document: st.sampled_from(_SIGNATURES).map(
        lambda name: document | {"signature_name": name}
    )
)
_calls = st.sampled_from(["predict", "classify", "regress"])


@pytest.fixture(scope="module")
def server(rest_fuzz_models) -> Iterator:
    from serving.model_server.metrics.server_metrics import ServerMetrics
    from serving.model_server.rest import RestOptions
    from serving.model_server.rest import RestServer

    options = RestOptions(
        max_request_bytes=1 << 20,
        transfer_timeout_seconds=2.0,
        monitoring_path="/metrics",
    )
    metrics = ServerMetrics(rest_fuzz_models)
    server = RestServer("127.0.0.1", 0, rest_fuzz_models, metrics, options)
    server.start()
    yield server
    # Whatever came, it still answers.
    url = f"http://127.0.0.1:{server.port}/v1/models/toolbox"
    assert httpx.get(url, trust_env=False).status_code == 200
    server.stop()


@pytest.fixture(scope="module")
def rest_fuzz_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    from serving.model_server.versions.loaded_model import LoadedModel
    from serving.model_server.versions.served_model import ServedModel
    from tests.serving.conformance.models import save_toolbox

    folder = tmp_path_factory.mktemp("fuzz")
    save_toolbox(folder / "7")
    model = ServedModel("toolbox", folder, LoadedModel)
    model.read_directory()
    while model.step():
        pass
    yield {"toolbox": model}
    model.close()


@pytest.fixture(scope="module")
def handler(rest_fuzz_models):
    from serving.model_server.metrics.server_metrics import ServerMetrics
    from serving.model_server.rest.rest_handler import RestHandler

    metrics = ServerMetrics(rest_fuzz_models)
    return RestHandler(rest_fuzz_models, metrics, 30.0)


def _ask(handler, api: str, body: bytes) -> int:
    call = parse_call("POST", f"/v1/models/toolbox:{api}")
    answer = handler.answer(call, body, time.perf_counter())
    assert answer.status in _CLEAR, answer.body
    if answer.status != 200:
        assert list(json.loads(answer.body)) == ["error"]
    return answer.status


def _send(server, data: bytes) -> bytes:
    """Sends bytes, hangs up on the sending side, reads to the end."""
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address, timeout=30) as caller:
        try:
            caller.sendall(data)
            caller.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: caller.recv(65536), b""))
        except ConnectionError:  # it hung up on us first
            return b""


def _check_answer(data: bytes) -> None:
    if data:
        assert data.startswith(b"HTTP/1.1 "), data
        assert int(data.split()[1]) in _CLEAR | {100}, data


@given(api=_calls, document=_documents)
def test_documents_get_a_clear_status(handler, api, document):
    _ask(handler, api, json.dumps(document).encode())


@given(
    signature=st.sampled_from(_SIGNATURES),
    form=st.sampled_from(["instances", "inputs"]),
    value=_values,
)
def test_values_get_a_clear_status(handler, signature, form, value):
    document = {"signature_name": signature, form: value}
    _ask(handler, "predict", json.dumps(document).encode())


@given(api=_calls, body=st.binary(max_size=200))
def test_bytes_get_a_clear_status(handler, api, body):
    _ask(handler, api, body)


@given(
    api=_calls,
    document=_documents,
    place=st.integers(0, 400),
    noise=st.binary(max_size=4),
)
def test_damaged_documents_get_a_clear_status(
    handler, api, document, place, noise
):
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    _ask(handler, api, body[:place] + noise + body[place + 1 :])


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b'{"instances": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"inputs": ' + b"[" * 300 + b"1" + b"]" * 300 + b"}",
        b'{"inputs": ' + b"9" * 1_000_000 + b"}",
        b'{"inputs": 1e' + b"9" * 1000 + b"}",
        b'{"inputs": "' + b"\\ud800" * 1000 + b'"}',
        b'{"signature_name": "\\ud800"}',
        b'{"signature_name": "\xff\xfe"}',
        b'{"' + b"a" * 1_000_000 + b'": 1}',
        b'{"instances": [' + b"{}," * 100_000 + b"{}]}",
        b"{" + b'"a": 1, ' * 100_000 + b'"a": 1}',
        b'{"examples": [' + b'{"\\ud800": 1},' * 10 + b"{}]}",
        b'{"examples": [{"a": [' + b"1," * 100_000 + b'"1"]}]}',
        b'{"inputs": "\x00"}',
    ],
    ids=lambda body: body[:16].decode("latin-1").encode("unicode_escape"),
)
@pytest.mark.parametrize("signature", ["echo_float", "echo_string"])
def test_famous_attacks_get_a_clear_status(handler, body, signature):
    name = f'{{"signature_name": "{signature}", '.encode()
    for api in ("predict", "classify"):
        _ask(handler, api, body)
        _ask(handler, api, name + body[1:])


@given(data=st.binary(max_size=300))
def test_bytes_on_the_socket_are_survived(server, data):
    _check_answer(_send(server, data))


_tokens = st.text(
    st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20
)
_PATH_PARTS = (
    "/v1/models /toolbox /versions /labels /metadata / :predict /7 "
    "/99999999999999999999 %2F % %00 ? // .. ; é http://x /metrics"
)
_HEADERS = (
    "content-length content-encoding transfer-encoding expect upgrade "
    "connection origin host range"
)
_HEADER_VALUES = "gzip chunked 100-continue websocket upgrade close"
_paths = st.lists(st.sampled_from(_PATH_PARTS.split()), max_size=6).map("".join)


@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT"]) | _tokens,
    path=_paths | _tokens,
    headers=st.dictionaries(
        st.sampled_from(_HEADERS.split()) | _tokens,
        st.sampled_from(_HEADER_VALUES.split())
        | st.integers().map(str)
        | _tokens,
        max_size=5,
    ),
    body=st.binary(max_size=50),
)
def test_requests_get_a_clear_status(server, method, path, headers, body):
    lines = [f"{method} {path} HTTP/1.1", "host: x"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    _check_answer(_send(server, head + body))


def test_made_up_names_and_signatures_do_not_grow_the_server(server, handler):
    def attack(start: int) -> None:
        url = f"http://127.0.0.1:{server.port}/v1/models"
        with httpx.Client(trust_env=False, timeout=30) as client:
            for number in range(start, start + 100):
                client.get(f"{url}/made-up-{number}")
                client.post(f"{url}/m{number}:predict", content=b" " * 600_000)
        for number in range(start, start + 100):
            document = {
                "signature_name": f"s{number}",
                "instances": ["x" * 600_000],
            }
            _ask(handler, "predict", json.dumps(document).encode())

    process = psutil.Process()
    attack(0)  # what is allocated once is no growth
    gc.collect()
    before = process.memory_info().rss
    attack(1000)
    gc.collect()
    assert process.memory_info().rss - before < _MAX_GROWTH_BYTES
    page = httpx.get(
        f"http://127.0.0.1:{server.port}/metrics", trust_env=False
    ).text
    assert "made-up" not in page
    assert len(page) < 20_000
