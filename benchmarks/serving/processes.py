"""Starts the processes that the load benchmark measures."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

_START_SECONDS = 300
_WARM_UP_SECONDS = 2.0


class ServingProcess:
    """A process that listens on a port; a context manager that ends it."""

    def __init__(self, module: str, arguments: Sequence[str], log: Path):
        """Prepares `python -m MODULE ARGUMENTS`, `{port}` filled in."""
        self.port = _find_free_port()
        self._command = [sys.executable, "-m", module]
        self._command += [one.format(port=self.port) for one in arguments]
        self._log = log
        self._process: psutil.Popen | None = None

    @property
    def address(self) -> str:
        """Where to ask."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> "ServingProcess":
        with self._log.open("ab") as log:
            self._process = psutil.Popen(
                self._command, stdout=log, stderr=log, env=_quiet()
            )
        end = time.monotonic() + _START_SECONDS
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise RuntimeError(
                    f"{self._command} must listen within {_START_SECONDS} s. "
                    f"Its log: {self._log.read_text()[-2000:]}"
                )
            time.sleep(0.1)
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.terminate()
        self._process.wait(60)

    def read_cpu_seconds(self) -> float:
        """User and system time of all threads so far."""
        times = self._process.cpu_times()
        return times.user + times.system

    def read_memory(self) -> int:
        """Resident bytes."""
        return self._process.memory_info().rss

    def put_under_load(
        self,
        requests: Path,
        num_connections: int,
        seconds: float,
        module: str = "benchmarks.serving.load",
    ) -> dict:
        """Runs a load against it.

        Args:
            requests: the file that the load reads.
            num_connections: at once.
            seconds: that count.
            module: `serving_load`, or another one of the same command line.

        Returns:
            As of `serving_load`, and `server_cpu_ms` a request.
        """
        loading = self.start_load(requests, num_connections, seconds, module)
        cpu = self.read_cpu_seconds()
        measured = finish_load(loading)
        cpu = self.read_cpu_seconds() - cpu
        return measured | {"server_cpu_ms": 1e3 * cpu / measured["answers"]}

    def start_load(
        self,
        requests: Path,
        num_connections: int,
        seconds: float,
        module: str = "benchmarks.serving.load",
    ) -> subprocess.Popen:
        """Starts a load against it and returns at once."""
        numbers = (num_connections, seconds, min(_WARM_UP_SECONDS, seconds))
        return subprocess.Popen(
            [
                *(sys.executable, "-m", module),
                *(self.address, str(requests), *map(str, numbers)),
            ],
            stdout=subprocess.PIPE,
            text=True,
            env=_quiet(),
        )

    def _listens(self) -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0


def finish_load(loading: subprocess.Popen) -> dict:
    """Waits for the end of a load and reads its figures."""
    output, _ = loading.communicate(timeout=600)
    if loading.returncode:
        raise RuntimeError(f"The load must end well. Received: {output}")
    return json.loads(output)


def run_to_json(module: str, *arguments: str) -> dict:
    """Runs `python -m MODULE` to its end and reads the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=_quiet(),
    )
    return json.loads(done.stdout.splitlines()[-1])


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _quiet() -> dict[str, str]:
    return os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "GRPC_VERBOSITY": "ERROR"}
