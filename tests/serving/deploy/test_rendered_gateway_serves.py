"""The gateway runs on what is rendered, and is told apart from a broken one."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from serving.deploy import gateway_settings
from serving.deploy.compose import build_health_check
from serving.deploy.gateway_settings import build_gateway_arguments
from serving.deploy.rendered_files import write_files
from serving.gateway.access.generate_key import main as generate_key
from tests.serving.deploy.conftest import build_values

_START_SECONDS = 60


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def _place(text: str, folder, port: int) -> str:
    """Puts folders and ports of this machine into the place of a pod's."""
    for path, place in {
        gateway_settings.CONFIG_FOLDER: folder / "gateway",
        gateway_settings.KEYS_FOLDER: folder / "secrets",
        gateway_settings.STATE_FOLDER: folder / "state",
    }.items():
        text = text.replace(path, str(place))
    return text.replace(f"port={gateway_settings.GATEWAY_PORT}", f"port={port}")


def _start(folder, port: int) -> subprocess.Popen:
    arguments = [
        _place(argument, folder, port) for argument in build_gateway_arguments()
    ]
    return subprocess.Popen(
        # There is no `model-server` here, nor a network to ask for its name.
        [
            *(sys.executable, "-m", "serving.gateway", *arguments),
            "--address=localhost:1",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deployed")
    write_files(build_values(), folder)
    config = folder / "gateway" / gateway_settings.CONFIG_FILE
    config.write_text(_place(config.read_text(), folder, 0))
    (folder / "secrets").mkdir()
    (folder / "state").mkdir()
    return folder


@pytest.fixture(scope="module")
def key(folder):
    """A key as an operator makes it, whose file is there from now on."""
    made = subprocess.run(
        [
            *(sys.executable, "-m", generate_key.__module__),
            *("shop", "read", "write"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    keys = folder / "secrets" / gateway_settings.KEYS_FILE
    keys.write_text(made.stdout)
    return made.stderr.strip()


@pytest.fixture(scope="module")
def port(folder, key):
    port = _find_free_port()
    process = _start(folder, port)
    try:
        end = time.monotonic() + _START_SECONDS
        while _check_health(port) != 0:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=gateway_settings.STOP_SECONDS)


def _check_health(port: int) -> int:
    command = build_health_check(port, gateway_settings.READINESS_PATH)
    return subprocess.run(command, capture_output=True, check=False).returncode


def _read(port: int, path: str, key: str | None = None) -> str:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(
        f"http://localhost:{port}{path}", headers=headers
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


def test_gateway_without_keys_says_which_file_it_misses(folder, tmp_path):
    (tmp_path / "gateway").symlink_to(folder / "gateway")
    process = _start(tmp_path, _find_free_port())
    _, log = process.communicate(timeout=_START_SECONDS)
    assert process.returncode == 1
    assert "secrets/keys.yaml" in log


def test_state_and_log_are_on_the_volume(port, folder):
    assert (folder / "state" / "state.sqlite").is_file()
    assert (folder / "state" / "log" / "live").is_dir()


def test_probes_and_prometheus_need_no_key(port):
    for path in (
        gateway_settings.LIVENESS_PATH,
        gateway_settings.READINESS_PATH,
        gateway_settings.METRICS_PATH,
    ):
        assert _read(port, path)


def test_callers_need_a_key(port, key):
    path = "/v1/recommendations?user_id=ann"
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        _read(port, path)
    refused.value.close()
    assert json.loads(_read(port, path, key))["is_degraded"]


def test_alerts_find_the_routes_that_they_ask_for(port, key):
    _read(port, "/v1/recommendations?user_id=ann", key)
    page = _read(port, gateway_settings.METRICS_PATH)
    assert (
        "tastemaker_gateway_request_seconds_bucket"
        '{le="0.5",route="/v1/recommendations"}'
    ) in page
