"""Rules for which feedback counts as a success."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from schemas.events import EVENT_TYPES


@dataclass(frozen=True)
class SuccessRule:
    """Event types that count, as `click` or `rate>=4`.

    Attributes:
        min_values: event type to the least value that counts; None = any
            value, or none at all.
    """

    min_values: Mapping[str, float | None]

    def __post_init__(self):
        unknown = [name for name in self.min_values if name not in EVENT_TYPES]
        if unknown or not self.min_values:
            raise ValueError(
                f"a success must be one of {', '.join(EVENT_TYPES)}. "
                f"Received: {', '.join(unknown) or 'nothing'}."
            )

    @classmethod
    def parse(cls, texts: Sequence[str]) -> Self:
        """Parses rules.

        Args:
            texts: each an event type, or one with the least value that
                counts: `rate>=4`.

        Raises:
            ValueError: a type is unknown, or a least value is no number.
        """
        min_values: dict[str, float | None] = {}
        for text in texts:
            name, has_minimum, minimum = text.partition(">=")
            try:
                least = float(minimum) if has_minimum else None
            except ValueError as error:
                raise ValueError(
                    "the least value of a success must be a number. "
                    f"Received: {text!r}."
                ) from error
            min_values[name.strip()] = least
        return cls(min_values)

    def counts(self, event_type: str, value: float | None) -> bool:
        """Tells whether an event is a success."""
        if event_type not in self.min_values:
            return False
        least = self.min_values[event_type]
        return least is None or (value is not None and value >= least)
