"""Generates a key: `python -m serving.gateway.access.generate_key NAME ROLE`.

The key goes to standard error, for its holder, and is not stored; the line for
the key file goes to standard output:

    python -m serving.gateway.access.generate_key shop read write >> keys.yaml
"""

import argparse
import sys
from collections.abc import Sequence

from serving.gateway.access.api_key import Role
from serving.gateway.access.api_key import digest_key
from serving.gateway.access.api_key import draw_key
from serving.gateway.access.api_keys import parse_keys


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes a new key and its line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m serving.gateway.access.generate_key",
        description="Generates an API key and the line for the key file.",
    )
    parser.add_argument("name", help="who will hold it; shows in logs")
    parser.add_argument("role", nargs="+", choices=[r.value for r in Role])
    given = parser.parse_args(arguments)
    key = draw_key()
    roles = ", ".join(dict.fromkeys(given.role))
    digest = digest_key(key).hex()
    line = f"- {{name: {given.name}, roles: [{roles}], sha256: {digest}}}\n"
    try:
        parse_keys(line, "This")
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(line)
    sys.stderr.write(f"{key}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
