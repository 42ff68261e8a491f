"""Settings of the ServingValidator. Free of TFX and TensorFlow."""

from pydantic import NonNegativeFloat
from pydantic import NonNegativeInt
from pydantic import PositiveFloat
from pydantic import PositiveInt
from pydantic.dataclasses import dataclass

from schemas.events import SPLITS


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class ServingValidatorConfig:
    """The requests to a candidate, and the bounds of its answers."""

    split: str = SPLITS[-1]  # the windows replayed come from here
    num_requests: PositiveInt = 200  # fewer if the split holds fewer windows
    num_warm_up_requests: NonNegativeInt = 5  # checked, but not timed
    k: PositiveInt = 10  # items asked for
    max_p50_ms: PositiveFloat = 250.0
    max_p99_ms: PositiveFloat = 500.0
    num_titles: NonNegativeInt = 20  # of the catalogue, asked for as needs
    min_found_by_title: NonNegativeFloat = 0.9  # share of these in the slate
    max_score_difference: NonNegativeFloat = 1e-4  # served against in-process
    load_timeout_seconds: PositiveFloat = 300.0
