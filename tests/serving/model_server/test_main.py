import signal

import pytest

from serving.model_server.__main__ import main
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
