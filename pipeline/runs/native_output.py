"""Keeps off the terminal what TensorFlow has to say there.

`TF_CPP_MIN_LOG_LEVEL` does not hold it all: some of it is said before that
setting is read, and errors that are none go through at any level.
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

    Unless a level is asked for: whoever sets `TF_CPP_MIN_LOG_LEVEL`, be it to
    0, wants to hear it.
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

    `sys.stderr` goes on writing to where it wrote before.

    Args:
        path: gets the text; `os.devnull` drops it.
    """
    sys.stderr.flush()
    saved = os.dup(_STDERR)
    target = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(target, _STDERR)
    os.close(target)
    stream = sys.stderr
    # Somebody else's stream, as of a test, does not write to descriptor 2.
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
