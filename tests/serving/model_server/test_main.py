import signal
import socket
import subprocess
import sys
import time

import pytest

from serving.client import RecommenderClient
from serving.model_server.__main__ import main
from serving.query import Query
from tests.serving.conftest import add_version


def test_f05_base_path_is_mandatory(capsys):
    with pytest.raises(SystemExit):
        main(["--port", "0"])
    assert "--model_base_path" in capsys.readouterr().err


def test_f18_failed_start_ends_with_a_non_zero_code(
    base_path, broken_recommender_model, caplog
):
    add_version(base_path, 1, broken_recommender_model)
    arguments = [f"--model_base_path={base_path}", "--max_num_load_retries=0"]
    socket_flag = f"--grpc_socket_path={base_path / 'socket'}"
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main([*arguments, "--port=0", socket_flag]) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    assert "did not become available" in caplog.text


def test_process_serves_until_it_is_terminated(base_path, recommender_model):
    add_version(base_path, 1, recommender_model)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "serving.model_server",
            f"--port={port}",
            "--model_name=tastemaker",
            f"--model_base_path={base_path}",
            "--file_system_poll_wait_seconds=1",
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        with RecommenderClient(f"localhost:{port}", timeout=20) as client:
            end = time.monotonic() + 400
            while True:
                try:
                    slate = client.recommend(Query(), 2)[0]
                    break
                except ConnectionError:
                    assert process.poll() is None
                    assert time.monotonic() < end
                    time.sleep(0.2)
        assert len(slate.items) == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
