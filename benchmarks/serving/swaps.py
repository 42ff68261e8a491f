"""Swaps versions under load; counts failed requests and measures memory.

Versions are copies of one export by hard links, put below the base path with
one rename as a pusher should.
"""

import collections
import os
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

from benchmarks.serving.processes import ServingProcess
from benchmarks.serving.processes import finish_load
from schemas import signatures
from serving.protos import get_model_status_pb2
from serving.protos import model_service_pb2_grpc

_FIRST = 1
_STATE = get_model_status_pb2.ModelVersionStatus.State
_LOAD_SECONDS = 20.0
_PATIENCE = 600.0  # seconds for one version to get where it should
_SETTLED_AFTER = 5  # swaps until memory is stable


class VersionPusher:
    """Pushes copies of an export below a base path."""

    def __init__(self, export: Path, base_path: Path):
        """Begins with version 1."""
        self._export = export
        self.base_path = base_path
        base_path.mkdir(parents=True)
        self.push(_FIRST)

    def push(self, version: int) -> None:
        """Adds a version at once."""
        copy = self.base_path / f".{version}"
        shutil.copytree(self._export, copy, copy_function=os.link)
        copy.rename(self.base_path / str(version))

    def push_broken(self, version: int) -> None:
        """Adds a version whose graph ends in the middle."""
        path = self.base_path / f".{version}"
        path.mkdir()
        graph = (self._export / "saved_model.pb").read_bytes()
        (path / "saved_model.pb").write_bytes(graph[: len(graph) // 2])
        path.rename(self.base_path / str(version))

    def remove(self, version: int) -> None:
        """Takes a version away at once."""
        path = self.base_path / str(version)
        shutil.rmtree(path.rename(self.base_path / f".gone-{version}"))


class StatusWatcher:
    """Asks a server for the states of its versions."""

    def __init__(self, address: str):
        self._channel = grpc.insecure_channel(address)
        self._stub = model_service_pb2_grpc.ModelServiceStub(self._channel)

    def __enter__(self) -> "StatusWatcher":
        return self

    def __exit__(self, *exception: object) -> None:
        self._channel.close()

    def read(self) -> dict[int, tuple[str, int]]:
        """Returns state and error code by version."""
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = signatures.MODEL_NAME
        answer = self._stub.GetModelStatus(request, timeout=30)
        return {
            one.version: (_STATE.Name(one.state), one.status.error_code)
            for one in answer.model_version_status
        }

    def wait_for(self, version: int, state: str, failed: bool = False) -> None:
        """Returns once a version is in a state, failed or not.

        Raises:
            TimeoutError: it never is.
        """
        end = time.monotonic() + _PATIENCE
        while True:
            found = self.read().get(version)
            if found and found[0] == state and failed == bool(found[1]):
                return
            if time.monotonic() > end:
                raise TimeoutError(
                    f"Version {version} must be {state}. Received: {found}."
                )
            time.sleep(0.05)


def swap_under_load(
    server: ServingProcess,
    pusher: VersionPusher,
    requests: Path,
    num_connections: int,
    seconds: float,
) -> dict:
    """Pushes three versions, one broken, and rolls one back.

    Args:
        server: serves `pusher.base_path`.
        pusher: has pushed version 1.
        requests: a file of `serving_requests`.
        num_connections: that ask, half of them in each of two processes:
            where one ends and begins again, the other is in the middle.
        seconds: how long at least; longer where the changes take longer.

    Returns:
        `answers`, the worst `p99_ms`, `errors` by text, `failed_requests`.
    """
    is_done = threading.Event()
    loads: list[dict] = []

    part = min(_LOAD_SECONDS, seconds)

    def keep_loading(first_seconds: float) -> None:
        end = time.monotonic() + seconds
        duration = first_seconds
        while not is_done.is_set() or time.monotonic() < end:
            loading = server.start_load(
                requests, num_connections // 2, duration
            )
            loads.append(finish_load(loading))
            duration = part

    with ThreadPoolExecutor(2) as threads:
        loaded = [threads.submit(keep_loading, s) for s in (part, part / 2)]
        try:
            _change_five_times(server.address, pusher)
        finally:
            is_done.set()
        for each in loaded:
            each.result()
    errors = collections.Counter()
    for load in loads:
        errors.update(load["errors"])
    return {
        "answers": sum(load["answers"] for load in loads),
        "p99_ms": max(load["p99_ms"] for load in loads),
        "errors": dict(errors),
        "failed_requests": errors.total(),
    }


def _change_five_times(address: str, pusher: VersionPusher) -> None:
    with StatusWatcher(address) as watcher:
        pusher.push(2)
        watcher.wait_for(2, "AVAILABLE")
        watcher.wait_for(1, "END")
        pusher.push_broken(3)
        watcher.wait_for(3, "END", failed=True)
        pusher.remove(3)
        pusher.push(4)
        watcher.wait_for(4, "AVAILABLE")
        watcher.wait_for(2, "END")
        pusher.remove(4)  # the rollback
        watcher.wait_for(2, "AVAILABLE")
        watcher.wait_for(4, "END")


def swap_often(
    server: ServingProcess,
    pusher: VersionPusher,
    requests: Path,
    num_swaps: int,
) -> dict:
    """Swaps versions while one connection keeps sending requests.

    Returns:
        `memory_mb` after each swap; `growth`, the mean of the last five over
        the mean of the five after the first five, minus one.
    """
    memory = []
    with StatusWatcher(server.address) as watcher:
        newest = max(watcher.read())
        for version in range(newest + 1, newest + 1 + num_swaps):
            loading = server.start_load(requests, 1, 1.0)
            pusher.push(version)
            watcher.wait_for(version, "AVAILABLE")
            for old in list(pusher.base_path.glob("[0-9]*")):
                if int(old.name) < version:
                    watcher.wait_for(int(old.name), "END")
                    pusher.remove(int(old.name))
            _end(loading)
            memory.append(server.read_memory() / 1e6)
    settled = memory[_SETTLED_AFTER : 2 * _SETTLED_AFTER]
    last = memory[-_SETTLED_AFTER:]
    growth = (sum(last) / len(last)) / (sum(settled) / len(settled)) - 1.0
    return {"memory_mb": memory, "growth": growth}


def _end(loading: subprocess.Popen) -> None:
    errors = finish_load(loading)["errors"]
    if errors:
        raise RuntimeError(f"No request may fail. Received: {errors}")
