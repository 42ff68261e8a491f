"""The gateway as a process; `python -m serving.gateway` and its flags."""

import os
import signal
import socket
import subprocess
import sys
import time
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


def test_process_answers_without_a_model_server_and_stops_when_told(
    write_config,
):
    port = _find_free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "serving.gateway"),
            *("--config", write_config(), "--port", str(port)),
            *("--address", "localhost:1"),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        answer = _wait_for(f"http://localhost:{port}/readyz", process)
        assert answer.status == 200
        assert answer.headers["Server"] is None
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGTERM)
    assert '"route": "/readyz", "status": 200' in log


def _wait_for(url: str, process):
    end = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5)
        except OSError:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.1)


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
