"""Reports which node runs, and how long each one took."""

import logging
import time
from collections.abc import Callable
from collections.abc import Iterable

# TFX's runners announce nodes in their log and offer no other hook.
# Source: tfx/orchestration/local/local_dag_runner.py,
# tfx/orchestration/beam/beam_dag_runner.py, tfx/orchestration/portable/
# launcher.py of TFX 1.21.
_STARTED = ("Component %s is running.", "node %s is running.")
_FINISHED = ("Component %s is finished.", "node %s is finished.")
_CACHED = "A cached execution %d is used."
_UNRESOLVED = "[%s] Input resolution error: %s"


class NodeProgress(logging.Handler):
    """Turns TFX's log into one line when a node starts and one at its end."""

    def __init__(
        self,
        num_nodes: int | None,
        write_line: Callable[[str], None],
        describe: Callable[[str], Iterable[str]] = lambda _: (),
    ):
        """Starts with no node running.

        Args:
            num_nodes: how many nodes the run has; None = not known.
            write_line: takes one line of text.
            describe: takes the id of a node that is done, returns lines on
                what it found.
        """
        super().__init__(level=logging.INFO)
        self._num_nodes = num_nodes
        self._write_line = write_line
        self._describe = describe
        self._num_started = 0
        self._started_at = 0.0
        self._is_cached = False
        self._is_failed = False
        self.running_node: str | None = None
        self.input_errors: dict[str, str] = {}  # node id: what was missing

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg in _STARTED:
            self._start(str(record.args[0]))
        elif record.msg in _FINISHED:
            self._finish()
        elif record.msg == _CACHED:
            self._is_cached = True
        elif record.msg == _UNRESOLVED:
            self._is_failed = True
            self.input_errors[str(record.args[0])] = str(record.args[1])

    def _start(self, node_id: str) -> None:
        self.running_node = node_id
        self._num_started += 1
        self._started_at = time.monotonic()
        self._is_cached = False
        self._is_failed = False
        of_all = "" if self._num_nodes is None else f"/{self._num_nodes}"
        self._write_line(f"[{self._num_started:2d}{of_all}] {node_id} ...")

    def _finish(self) -> None:
        seconds = time.monotonic() - self._started_at
        outcome = "done"
        if self._is_failed:
            outcome = "failed: an input is missing"
        elif self._is_cached:
            outcome = "unchanged, reused"
        self._write_line(
            f"        {self.running_node}: {outcome} in {seconds:.1f} s"
        )
        if self.running_node and not self._is_failed:
            for line in self._describe(self.running_node):
                self._write_line(f"          {line}")
        self.running_node = None
