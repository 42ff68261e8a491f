"""Writes the config of a run on some files: `tastemaker init`."""

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from pipeline.config_proposal.config_proposal import propose_config
from pipeline.data_check.check_text import describe_check


def run_init(
    paths: Sequence[str],
    output: Path | None,
    is_forced: bool,
    write_line: Callable[[str], None],
) -> None:
    """Looks at files, writes a config, and says what is left to decide.

    Args:
        paths: of files with events, items and users.
        output: of the config; None = its name, in this folder.
        is_forced: whether a file that is there may be replaced.
        write_line: takes one line of text.

    Raises:
        ValueError: the files hold no events.
        FileExistsError: `output` is there already.
        OSError: a file cannot be read.
    """
    if output is not None:
        _require_free(output, is_forced)
    proposal = propose_config(paths)
    output = output or Path(f"{proposal.name}.yaml")
    _require_free(output, is_forced)
    output.write_text(proposal.text, encoding="utf-8")
    write_line(f"{output} is written, from the first rows of the files.")
    write_line("")
    if proposal.undecided:
        write_line("To decide:")
        for text in proposal.undecided:
            write_line(f"- {text}")
        write_line("")
    write_line("What a run would make of the first rows:")
    for line in describe_check(proposal.check):
        write_line(f"  {line}")
    write_line("")
    write_line(f"Next: read {output}, then: tastemaker check {output}")


def _require_free(output: Path, is_forced: bool) -> None:
    if output.exists() and not is_forced:
        raise FileExistsError(
            f"{output} must not be there yet. Pass --force to replace it, or "
            "--output for another file."
        )
