"""The one place that writes to standard output."""

import sys


def write_line(text: str = "") -> None:
    """Writes one line at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def write_error(text: str) -> None:
    """Writes to standard error, after what standard output still holds."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
