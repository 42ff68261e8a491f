"""One thing that a check of the data has found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong, and what to do about it.

    Attributes:
        level: an error stops a run; after a warning it goes on, and lacks
            something or fails at the gate.
        code: the same for all findings of a kind.
        text: what must hold, and what came.
        remedy: the setting that may help; "" = none is known.
    """

    level: Literal["error", "warning"]
    code: str
    text: str
    remedy: str = ""
