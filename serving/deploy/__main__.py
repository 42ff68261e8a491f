"""`python -m serving.deploy --output DIR [--values FILE]`."""

import argparse
import sys
from pathlib import Path

from serving.deploy.rendered_files import write_files
from serving.deploy.values import DEFAULT_VALUES
from serving.deploy.values import load_values


def main(arguments: list[str] | None = None) -> int:
    """Renders a deployment.

    Returns:
        0 = written, 2 = the values are wrong or a file cannot be written.
    """
    parser = argparse.ArgumentParser(prog="python -m serving.deploy")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--values", type=Path, default=DEFAULT_VALUES, metavar="FILE"
    )
    flags = parser.parse_args(arguments)
    try:
        written = write_files(load_values(flags.values), flags.output)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path in written:
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
