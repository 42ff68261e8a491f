"""Settings of the ItemEncoder. Free of TFX, Beam and TensorFlow."""

from pydantic import PositiveInt
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class VectorStoreConfig:
    """How long unused vectors are kept."""

    keep_days: PositiveInt | None = 90  # a vector that a run has used within
    # so many days stays, whichever pipeline's run it was; the others leave
    # when they are twice as old. None = all stay
