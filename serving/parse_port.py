"""Reads the number of a TCP port from a command line."""

import argparse

_MAX_PORT = 65_535


def parse_port(text: str) -> int:
    """Reads a port; 0 leaves what it means to the caller.

    gRPC would bind another port for a number that is too large, and not say so.

    Raises:
        argparse.ArgumentTypeError: it is no number of a port.
    """
    if not text.isdecimal() or int(text) > _MAX_PORT:
        raise argparse.ArgumentTypeError(
            f"must be a whole number from 0 to {_MAX_PORT}. Received: {text}."
        )
    return int(text)
