"""Watches one run: progress, log file, and errors that TFX hides."""

import contextlib
import logging
import sys
from collections.abc import Callable
from types import TracebackType

from absl import logging as absl_logging
from typing_extensions import override

from pipeline.runs.native_output import divert_native_errors
from pipeline.runs.node_progress import NodeProgress
from pipeline.runs.node_summary import DESCRIBED_NODES
from pipeline.runs.node_summary import describe_node
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import PipelineRun
from pipeline.runs.run_history import RunHistory

_MAX_LENGTH = 600  # of the line that tells the cause


class _LogFile(logging.FileHandler):
    """Drops lines when the disk is full; the run's error reports that."""

    @override
    def handleError(self, record: logging.LogRecord) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)


class RunFailedError(RuntimeError):
    """A node failed; the message says which one and why, on one line."""


class MonitoredRun:
    """While the block runs, writes its log to a file and shows progress.

    Leaving the block raises `RunFailedError` if a node failed. That includes an
    error that TFX does not raise: a node whose inputs cannot be resolved is
    recorded as FAILED, and the runner returns normally
    (tfx/orchestration/portable/launcher.py).
    """

    def __init__(
        self,
        folder: RunFolder,
        run_id: str,
        num_nodes: int | None,
        write_line: Callable[[str], None],
    ):
        """Prepares; nothing is redirected yet.

        Args:
            folder: where the log file goes and the metadata is.
            run_id: names the log file.
            num_nodes: how many nodes will run; None = not known.
            write_line: takes one line of progress.
        """
        self._folder = folder
        self._run_id = run_id
        self._progress = NodeProgress(
            num_nodes, write_line, self._describe_node
        )
        self.log_path = folder.logs_path / f"{run_id}.log"

    def __enter__(self) -> "MonitoredRun":
        self._folder.logs_path.mkdir(parents=True, exist_ok=True)
        file_handler = _LogFile(self.log_path)
        file_handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
        )
        root = logging.getLogger()
        self._handlers_before = root.handlers[:]
        self._level_before = root.level
        self._verbosity_before = absl_logging.get_verbosity()
        root.handlers[:] = [file_handler, self._progress]
        # TensorFlow prints by itself; make it use the root logger.
        tensorflow = logging.getLogger("tensorflow")
        self._tensorflow_before = (
            tensorflow.handlers[:],
            tensorflow.propagate,
            tensorflow.level,
        )
        tensorflow.handlers[:] = []
        tensorflow.propagate = True
        tensorflow.setLevel(logging.NOTSET)
        root.setLevel(logging.INFO)
        absl_logging.set_verbosity(absl_logging.INFO)
        logging.captureWarnings(True)
        self._file_handler = file_handler
        self._native = divert_native_errors(self.log_path)
        self._native.__enter__()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            logging.error(
                "The run failed.", exc_info=(error_type, error, traceback)
            )
        logging.captureWarnings(False)
        root = logging.getLogger()
        absl_logging.set_verbosity(self._verbosity_before)
        root.handlers[:] = self._handlers_before
        tensorflow = logging.getLogger("tensorflow")
        handlers, tensorflow.propagate, level = self._tensorflow_before
        tensorflow.handlers[:] = handlers
        tensorflow.setLevel(level)
        root.setLevel(self._level_before)
        self._native.__exit__(None, None, None)
        with contextlib.suppress(OSError):  # the disk is full
            self._file_handler.close()
        if isinstance(error, Exception):
            node_id = self._progress.running_node or "the pipeline"
            raise RunFailedError(
                f"{node_id} failed: {summarize(error)} (log: {self.log_path})"
            ) from error
        if error is None:
            self._check_states()

    def load_run(self) -> PipelineRun:
        """Reads this run's record in the metadata.

        Raises:
            RunFailedError: there is no record.
        """
        for run in RunHistory(self._folder.metadata_path).load_runs():
            if run.run_id == self._run_id:
                return run
        raise RunFailedError(f"run {self._run_id} left no trace in metadata")

    def _describe_node(self, node_id: str) -> list[str]:
        if node_id not in DESCRIBED_NODES:
            return []
        return describe_node(self.load_run(), node_id)

    def _check_states(self) -> None:
        for node in self.load_run().nodes:
            if node.state in ("COMPLETE", "CACHED"):
                continue
            cause = (
                self._progress.input_errors.get(node.node_id)
                or node.error
                or f"its state is {node.state}"
            )
            raise RunFailedError(
                f"{node.node_id} failed: {' '.join(cause.split())} "
                f"(log: {self.log_path})"
            )


def summarize(error: BaseException) -> str:
    """Describes an error on one line.

    Beam passes an error of a worker on as the text of its traceback: there the
    last line is the cause.

    Args:
        error: any exception.

    Returns:
        "ValueError: what must hold. Received: what came."
    """
    text = str(error).strip()
    if "Traceback (most recent call last)" in text:
        return " ".join(text.splitlines()[-1].split())
    line = " ".join(f"{type(error).__name__}: {text}".split())
    if len(line) <= _MAX_LENGTH:
        return line
    # TensorFlow puts the whole call stack between the kind of the error and its
    # cause; the log has the full text.
    half = _MAX_LENGTH // 2
    return f"{line[:half]} ... {line[-half:]}"
