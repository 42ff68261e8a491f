"""Keeps TensorFlow's native output off the terminal.

`TF_CPP_MIN_LOG_LEVEL` does not stop all of it: some lines are written before
that setting is read, and harmless errors are written at any level.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_STDERR = 2  # file descriptor, the same for C++ and Python


@contextlib.contextmanager
def keep_tensorflow_quiet() -> Iterator[None]:
    """Drops native text and warnings while the block runs.

    If `TF_CPP_MIN_LOG_LEVEL` is set, even to 0, nothing is dropped.
    """
    if _LEVEL in os.environ:
        yield
        return
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with divert_native_errors(Path(os.devnull)):
            yield
    finally:
        logger.setLevel(level)


@contextlib.contextmanager
def divert_native_errors(path: Path) -> Iterator[None]:
    """Appends to a file what is written to file descriptor 2.

    `sys.stderr` still writes to its old target.

    Args:
        path: gets the text; `os.devnull` drops it.
    """
    sys.stderr.flush()
    saved = os.dup(_STDERR)
    target = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(target, _STDERR)
    os.close(target)
    stream = sys.stderr
    # A replaced stream, such as a test's, does not write to descriptor 2.
    if stream is sys.__stderr__:
        sys.stderr = os.fdopen(
            saved, "w", buffering=1, encoding=stream.encoding, closefd=False
        )
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = stream
        os.dup2(saved, _STDERR)
        os.close(saved)
