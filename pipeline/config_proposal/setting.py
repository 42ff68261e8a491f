"""One line of a proposed config."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """A key, its value, and why it is proposed.

    Attributes:
        key: of YAML.
        value: a plain value, a list of such, or the settings below the key.
        why: becomes a comment; "" = it explains itself.
    """

    key: str
    value: Any
    why: str = ""


def to_values(settings: list[Setting]) -> dict[str, Any]:
    """Returns settings as the mapping that YAML would give."""
    return {
        one.key: to_values(one.value)
        if isinstance(one.value, list)
        and any(isinstance(part, Setting) for part in one.value)
        else one.value
        for one in settings
    }
