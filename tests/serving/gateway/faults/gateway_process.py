"""`python -m serving.gateway` as a process that tests may treat badly."""

import json
import os
import re
import resource
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

import httpx
import psutil

MARKER = "Xanthippe"  # in every id and text that a test makes up for a user
_START_SECONDS = 120.0
_ADDRESS = re.compile(r"running on (http://[\d.]+:\d+)")


class GatewayProcess:
    """One gateway on a folder; restarted, it finds what it kept there.

    Its standard error comes through a pipe, so that a limit on the size of
    its files, see `forbid_writing`, does not silence it.

    Attributes:
        log: what it wrote to standard error, of all its lives.
    """

    def __init__(self, folder: Path, settings: dict, *flags: str):
        """Starts it; `settings` are those of its YAML file."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._flags = flags
        self.log = folder / "stderr.jsonl"
        storage = {
            "state": f"sqlite:///{folder / 'state.sqlite'}",
            "log": str(folder / "log"),
        }
        storage |= settings.get("storage", {})
        limits = {"requests_per_second": 1_000_000} | settings.get("limits", {})
        settings = settings | {"storage": storage, "limits": limits}
        # JSON is YAML.
        (folder / "gateway.yaml").write_text(json.dumps(settings))
        self.start()

    def start(self) -> None:
        """Starts it, and returns once it takes calls."""
        self._written = self.log.stat().st_size if self.log.exists() else 0
        self.process = psutil.Popen(
            [
                *(sys.executable, "-m", "serving.gateway", "--port=0"),
                f"--config={self._folder / 'gateway.yaml'}",
                *self._flags,
            ],
            stderr=-1,
            env=os.environ | {"GRPC_VERBOSITY": "error"},
        )
        self._reader = threading.Thread(target=self._copy_log, daemon=True)
        self._reader.start()
        end = time.monotonic() + _START_SECONDS
        while not (found := _ADDRESS.search(self._read_last_log())):
            assert self.process.poll() is None, self._read_last_log()
            assert time.monotonic() < end, self._read_last_log()
            time.sleep(0.02)
        self.url = found[1]
        self.client = httpx.Client(
            base_url=self.url, trust_env=False, timeout=30.0
        )

    def kill(self) -> None:
        """`kill -9`, and nothing is tidied up."""
        self.process.kill()
        self._wait()

    def stop(self) -> int:
        """Stops it as an operator would; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self._wait()

    def close(self) -> None:
        if self.process.is_running():
            self.stop()

    def forbid_writing(self, room: int = 0) -> None:
        """Lets no file of it be written beyond `room` bytes.

        The kernel refuses with EFBIG where a full disk does with ENOSPC.
        """
        _, hard = psutil.Process(self.process.pid).rlimit(resource.RLIMIT_FSIZE)
        self.process.rlimit(resource.RLIMIT_FSIZE, (room, hard))

    def allow_writing(self) -> None:
        _, hard = self.process.rlimit(resource.RLIMIT_FSIZE)
        self.process.rlimit(resource.RLIMIT_FSIZE, (hard, hard))

    def measure_memory(self) -> int:
        """Returns the resident bytes."""
        return self.process.memory_info().rss

    def recommend(self, **body: object) -> dict:
        answer = self.client.post("/v1/recommendations", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def check_privacy(self) -> None:
        """No user, text or title in the log or among the metrics."""
        assert MARKER not in self.log.read_text()
        assert MARKER not in self.client.get("/metrics").text

    def _wait(self) -> int:
        self.client.close()
        code = self.process.wait(60)
        self._reader.join()
        return code

    def _copy_log(self) -> None:
        with self.log.open("ab", 0) as log, self.process.stderr as source:
            shutil.copyfileobj(source, log, 1)

    def _read_last_log(self) -> str:
        if not self.log.exists():
            return ""
        return self.log.read_bytes()[self._written :].decode()
