"""`kill -9` loses nothing that a restart does not bring back."""

import threading

import grpc
import pytest

from tests.serving.faults.conftest import NAME
from tests.serving.faults.conftest import ServerProcess
from tests.serving.faults.test_broken_versions import cut_graph


@pytest.fixture
def server(tmp_path, pusher):
    pusher.push(1)
    server = ServerProcess(
        tmp_path,
        f"--model_name={NAME}",
        f"--model_base_path={pusher.base_path}",
    )
    yield server
    server.close()


def test_killed_server_comes_back_with_the_version_that_was_served(
    server, pusher
):
    server.wait_until_ready()
    assert server.halve(4.0) == (3.0, 1)
    pusher.push(2, cut_graph)
    code, text = server.wait_for(2, "END")
    assert code != 0
    assert text
    assert server.halve(4.0) == (3.0, 1)

    # Killed while it answers; whoever asked is told so at once.
    refusals = []

    def ask_on():
        while not refusals:
            try:
                server.halve()
            except grpc.RpcError as error:
                refusals.append(error.code())

    asking = threading.Thread(target=ask_on)
    asking.start()
    server.kill()
    pusher.base_path.joinpath("2").rename(pusher.base_path / ".broken")
    # The socket it left behind does not keep the next one from binding.
    server.restart()
    asking.join(60)
    server.wait_until_ready()
    assert server.halve(4.0) == (3.0, 1)
    assert server.read_states() == {1: ("AVAILABLE", 0, "")}
    assert set(refusals) <= {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
    # Told to end, it takes its leave.
    server.process.terminate()
    assert server.process.wait(60) == 0
