"""Writes to standard output; no other module does."""

import sys


def write_line(text: str = "") -> None:
    """Writes one line at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def write_error(text: str) -> None:
    """Writes to standard error, after the buffered standard output."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
