"""Which ratings mean "liked", and which "disliked"."""

import json
import math
from typing import Annotated

from pydantic import Field
from pydantic import model_validator
from pydantic.dataclasses import dataclass

METADATA_KEY = b"rating_scale"  # of the catalogue's Parquet file

_Value = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class RatingScale:
    """The values of a dataset's ratings.

    A rating that reaches `positive_value` was liked, as in training. One that
    is nearer to `lowest` than to it was disliked; a rating between the two is
    neither.
    """

    lowest: _Value = 0.5
    highest: _Value = 5.0
    positive_value: _Value = 4.0

    @model_validator(mode="after")
    def _check(self) -> "RatingScale":
        if not self.lowest < self.positive_value <= self.highest:
            raise ValueError(
                "`positive_value` must be above `lowest` and at most "
                f"`highest`. Received: lowest={self.lowest}, highest="
                f"{self.highest}, positive_value={self.positive_value}."
            )
        return self

    def is_liked(self, value: float) -> bool:
        """Tells whether a rating is a success."""
        return value >= self.positive_value

    def is_disliked(self, value: float) -> bool:
        """Tells whether a rating is a dislike."""
        return value - self.lowest < self.positive_value - value


def find_rating_scale(
    lowest: float, highest: float, positive_value: float | None
) -> RatingScale:
    """Builds a scale from the ratings of the data.

    Args:
        lowest: of the ratings seen.
        highest: likewise.
        positive_value: from where on a rating is a success; None = no rating
            is one: then the middle of the scale is.

    Returns:
        A scale with a dislike and a like, also where only one was seen.
    """
    if positive_value is None:
        positive_value = (lowest + highest) / 2
        if lowest == highest:
            positive_value = highest
    if lowest >= positive_value:
        lowest = min(
            positive_value - 1.0, math.nextafter(positive_value, -math.inf)
        )
    return RatingScale(
        lowest=lowest,
        highest=max(highest, positive_value),
        positive_value=positive_value,
    )


def dump_rating_scale(scale: RatingScale) -> dict[bytes, bytes]:
    """Returns the metadata of a catalogue's Parquet file."""
    values = {
        "lowest": scale.lowest,
        "highest": scale.highest,
        "positive_value": scale.positive_value,
    }
    return {METADATA_KEY: json.dumps(values).encode()}


def load_rating_scale(
    metadata: dict[bytes, bytes] | None,
) -> RatingScale | None:
    """Reads the metadata of a catalogue; None = its data has no ratings."""
    text = (metadata or {}).get(METADATA_KEY)
    return None if text is None else RatingScale(**json.loads(text))
