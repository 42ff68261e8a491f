"""`python -m serving.gateway` as a process that tests may treat badly."""

import json
import os
import shutil
import socket
import sys
import threading
import time
from pathlib import Path

import httpx
import psutil

MARKER = "Xanthippe"  # in every id and text that tests make up for a user
_START_SECONDS = 120.0


class GatewayProcess:
    """One gateway on a folder; restarted, it finds what it kept there.

    Its standard error comes through a pipe, so that a limit on the size of
    its files, see `limit_files`, does not silence it.

    Attributes:
        log: what it wrote to standard error, of all its lives.
    """

    def __init__(self, folder: Path, **settings: dict):
        """Starts it; `settings` are sections of its YAML file."""
        self._folder = folder
        self.log = folder / "stderr.jsonl"
        storage = {
            "state": f"sqlite:///{folder / 'state.sqlite'}",
            "log": str(folder / "log"),
        }
        limits = {"requests_per_second": 1_000_000}
        settings["limits"] = limits | settings.get("limits", {})
        # JSON is YAML.
        text = json.dumps(settings | {"storage": storage})
        (folder / "gateway.yaml").write_text(text)
        self.port = _find_free_port()
        self.start()

    def start(self) -> None:
        """Starts it, and returns once it takes calls."""
        self.process = psutil.Popen(
            [
                *(sys.executable, "-m", "serving.gateway"),
                f"--config={self._folder / 'gateway.yaml'}",
                f"--port={self.port}",
            ],
            stderr=-1,
            env=os.environ | {"GRPC_VERBOSITY": "error"},
        )
        self._reader = threading.Thread(target=self._copy_log, daemon=True)
        self._reader.start()
        self.client = self.open_client()
        end = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.02)

    def open_client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            trust_env=False,
            timeout=30.0,
        )

    def kill(self) -> None:
        """`kill -9`, and nothing is tidied up."""
        self.process.kill()
        self._wait()

    def stop(self) -> None:
        """Stops it as an operator would."""
        self.process.terminate()
        self._wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.stop()

    def limit_files(self, size: int) -> None:
        """Lets it write no file beyond `size` bytes; -1 ends the limit.

        The kernel refuses with EFBIG where a full disk does with ENOSPC.
        """
        _, hard = self.process.rlimit(psutil.RLIMIT_FSIZE)
        self.process.rlimit(psutil.RLIMIT_FSIZE, (size, hard))

    def measure_memory(self) -> int:
        """Returns the resident bytes."""
        return self.process.memory_info().rss

    def check_privacy(self) -> None:
        """No user, text or title in the log or among the metrics."""
        page = self.client.get("/metrics").text
        assert "tastemaker_gateway_requests" in page
        assert MARKER not in page
        assert MARKER not in self.log.read_text()

    def _answers(self) -> bool:
        try:
            return self.client.get("/healthz").is_success
        except httpx.TransportError:
            return False

    def _wait(self) -> None:
        self.client.close()
        self.process.wait(60)
        self._reader.join()

    def _copy_log(self) -> None:
        with self.log.open("ab", 0) as log, self.process.stderr as source:
            shutil.copyfileobj(source, log, 1)


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
