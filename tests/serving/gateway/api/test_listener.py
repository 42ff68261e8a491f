"""The gateway as a process; `python -m serving.gateway` and its flags."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from serving.gateway.__main__ import main


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


@pytest.fixture
def write_config(tmp_path):
    def write(text: str = "") -> str:
        path = tmp_path / "gateway.yaml"
        storage = (
            f"{{state: 'sqlite:///{tmp_path}/s.sqlite', log: {tmp_path}/l}}"
        )
        path.write_text(f"storage: {storage}\n{text}")
        return str(path)

    return write


@contextlib.contextmanager
def _run(config: str):
    """Runs a gateway until the block ends; yields its URL and process."""
    port = _find_free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "serving.gateway"),
            *("--config", config, "--port", str(port)),
            *("--address", "localhost:1"),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = f"http://localhost:{port}"
        _wait_for(f"{url}/healthz", process)
        yield url, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.log = process.communicate(timeout=30)[1]


def test_port_that_is_taken_is_an_error_of_ours(write_config):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [
                *(sys.executable, "-m", "serving.gateway"),
                *("--config", write_config(), "--port", port),
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert f"must be able to start on 127.0.0.1:{port}" in done.stderr


def _wait_for(url: str, process):
    end = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5)
        except OSError:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.1)


def _ask(url: str, **headers: str) -> int:
    headers = {name.replace("_", "-"): text for name, text in headers.items()}
    try:
        request = urllib.request.Request(url, headers=headers)
        return urllib.request.urlopen(request, timeout=20).status
    except urllib.error.HTTPError as error:
        return error.code


def test_process_answers_without_a_model_server_and_stops_when_told(
    write_config,
):
    with _run(write_config()) as (url, process):
        answer = urllib.request.urlopen(f"{url}/readyz", timeout=20)
        assert answer.status == 200
        assert answer.headers["Server"] is None
    assert process.returncode in (0, -signal.SIGTERM)
    assert '"route": "/readyz", "status": 200' in process.log


def test_process_without_keys_believes_no_header_of_a_caller(write_config):
    with _run(write_config()) as (url, _):
        items = f"{url}/v1/items"
        assert _ask(items) == 200
        assert _ask(items, Host="evil.example") == 403  # DNS rebinding
        # What would be a WebSocket is a request like any other.
        socket_headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
        assert _ask(items, Sec_WebSocket_Key="x", **socket_headers) == 200


def test_x_forwarded_for_chooses_no_rate_limit(write_config):
    # 20 requests in 20 s, of 50.
    limits = "limits: {requests_per_second: 1, burst_seconds: 20}"
    with _run(write_config(limits)) as (url, _):
        answers = [
            _ask(f"{url}/v1/items", X_Forwarded_For=f"203.0.113.{number}")
            for number in range(50)
        ]
    assert 429 in answers


@pytest.mark.parametrize(
    ("arguments", "config", "message"),
    [
        (["--host", "0.0.0.0"], "", "loopback address, or be told --insecure"),
        ([], "catalogue: none.jsonl", "none.jsonl"),
        ([], "slates: {x: 1}", "slates.x"),
        (["--keys", "none.yaml"], "", "none.yaml"),
        (["--ssl_certfile", "none.pem"], "", "No such file"),
        (["--ssl_keyfile", "key.pem"], "", "come with --ssl_certfile"),
        (["--ssl_ca_certs", "ca.pem"], "", "come with --ssl_certfile"),
    ],
)
def test_gateway_that_cannot_serve_says_why(
    arguments, config, message, write_config, caplog
):
    given = ["--config", write_config(config), "--port", "0", *arguments]
    assert main(given) == 1
    assert message in caplog.text


def test_key_comes_from_the_environment_too(write_config, monkeypatch, caplog):
    monkeypatch.setitem(os.environ, "TASTEMAKER_GATEWAY_KEYS", "nonsense")
    assert main(["--config", write_config()]) == 1
    assert "nonsense" not in caplog.text


def test_second_gateway_on_one_log_is_refused_in_one_line(write_config):
    config = write_config()
    with _run(config) as (_, process):
        done = subprocess.run(
            [*(sys.executable, "-m", "serving.gateway"), "--config", config],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert "must belong to one gateway at a time" in line
        assert f"process {process.pid} on" in line
