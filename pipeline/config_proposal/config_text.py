"""Writes settings as YAML, each with its reason as a comment."""

import textwrap
from collections.abc import Iterator
from collections.abc import Sequence

import yaml

from pipeline.config_proposal.setting import Setting

_WIDTH = 88  # of a line with its comment; a longer comment stands above it


def write_config(head: Sequence[str], settings: Sequence[Setting]) -> str:
    """Writes a YAML file.

    Args:
        head: sentences that stand above all settings.
        settings: of the whole config.
    """
    lines = [
        f"# {line}" for text in head for line in textwrap.wrap(text, _WIDTH - 2)
    ]
    return "\n".join([*lines, *_write(settings, "")]) + "\n"


def _write(settings: Sequence[Setting], indent: str) -> Iterator[str]:
    for one in settings:
        key = _write_value(one.key)
        if (
            isinstance(one.value, list)
            and one.value
            and (isinstance(one.value[0], Setting))
        ):
            yield from _place(f"{indent}{key}:", one.why, indent)
            yield from _write(one.value, indent + "  ")
        else:
            line = f"{indent}{key}: {_write_value(one.value)}"
            yield from _place(line, one.why, indent)


def _place(line: str, why: str, indent: str) -> Iterator[str]:
    why = " ".join(why.split())
    if why and len(line) + len(why) + 4 > _WIDTH:
        for part in textwrap.wrap(why, _WIDTH - len(indent) - 2):
            yield f"{indent}# {part}"
        yield line
    else:
        yield f"{line}  # {why}" if why else line


def _write_value(value: object) -> str:
    if isinstance(value, tuple):
        value = list(value)
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=1 << 20
    )
    return text.removesuffix("...\n").strip()
