"""What the kinds of feedback are, and which one an event amounts to."""

import math
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Annotated
from typing import Literal

from pydantic import Field
from pydantic import PositiveFloat
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from schemas.events import NOT_NOW
from schemas.events import RATING_TYPES
from schemas.events import SEEN
from schemas.rating_scale import RatingScale
from schemas.rating_scale import find_rating_scale
from serving.gateway.records.event import GIVEN_TYPES


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class FeedbackConfig:
    """Meaning of one kind of feedback."""

    event_type: str = "click"
    value: float | Literal["lowest", "highest"] | None = None  # the event's
    # value if the caller gives none; in words, an end of the rating scale
    reward: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0  # what the blend
    # learns from it
    excludes: bool = False  # the item is shown to the user no more
    hides_days: PositiveFloat | None = None  # or not for so long

    @model_validator(mode="after")
    def _check(self) -> "FeedbackConfig":
        if self.event_type not in GIVEN_TYPES:
            raise ValueError(
                f"`event_type` must be one of {', '.join(GIVEN_TYPES)}. "
                f"Received: {self.event_type!r}."
            )
        return self

    def hides(self, age: float) -> bool:
        """Tells whether the item is not to be shown.

        Args:
            age: seconds since the feedback.
        """
        days = self.hides_days
        return self.excludes or (days is not None and age < days * 86_400.0)

    @property
    def is_rating(self) -> bool:
        """Whether its value is one of the rating scale."""
        return self.event_type in RATING_TYPES and self.value is not None

    def find_value(self, scale: RatingScale) -> float | None:
        """Returns what its event says; None = nothing."""
        if isinstance(self.value, str):
            return getattr(scale, self.value)
        return self.value


DEFAULT_FEEDBACK = {
    "like": FeedbackConfig(event_type="rate", value="highest"),
    "dislike": FeedbackConfig(
        event_type="rate", value="lowest", reward=0.0, excludes=True
    ),
    "click": FeedbackConfig(event_type="click"),
    "cart": FeedbackConfig(event_type="cart"),
    "purchase": FeedbackConfig(event_type="purchase"),
    "listen": FeedbackConfig(event_type="listen"),
    "skip": FeedbackConfig(event_type="skip", reward=0.0),
    "seen": FeedbackConfig(event_type=SEEN, reward=0.0, excludes=True),
    "not_now": FeedbackConfig(event_type=NOT_NOW, reward=0.0, hides_days=7.0),
}


def guess_scale(kinds: Iterable[FeedbackConfig]) -> RatingScale:
    """Finds the scale of ratings where nobody said it.

    Two numbers or more are its ends. One alone may be either end, and says
    nothing of the other, which a word beside it would mean: then it is the
    default scale.
    """
    values = {kind.value for kind in kinds if kind.is_rating}
    if len(values) < 2 or any(isinstance(value, str) for value in values):
        return RatingScale()
    return find_rating_scale(min(values), max(values), None)


def check_ratings(
    feedback: Mapping[str, FeedbackConfig], scale: RatingScale, is_said: bool
) -> None:
    """Checks that the values of feedback are of the scale of ratings.

    Args:
        feedback: kind by name.
        scale: of all ratings.
        is_said: whether `ratings` says so; False = it is a guess.

    Raises:
        ValueError: one is beyond the scale, or excludes what is liked. Or
            the scale is a guess, words mean its ends, and a number is neither
            a like nor a dislike of it.
    """
    rated = {name: kind for name, kind in feedback.items() if kind.is_rating}
    is_worded = any(isinstance(kind.value, str) for kind in rated.values())
    source = "as `ratings` says"
    if not is_said:
        source = "unless `ratings` says otherwise"
    for name, kind in rated.items():
        value = kind.find_value(scale)
        if not scale.lowest <= value <= scale.highest:
            raise ValueError(
                f"the value of feedback {name!r} must be lowest, highest or "
                f"a number from {scale.lowest} to {scale.highest}, {source}. "
                f"Received: {value}."
            )
        is_liked = scale.is_liked(value)
        if kind.excludes and is_liked:
            raise ValueError(
                f"feedback {name!r} must have a value below "
                f"{scale.positive_value}, {source}: it excludes the item, and "
                f"from there on a rating is a like. Received: {value}."
            )
        is_clear = is_liked or scale.is_disliked(value)
        if is_worded and not is_said and not is_clear:
            raise ValueError(
                f"the value of feedback {name!r} must be a like or a dislike "
                f"of the scale from {scale.lowest} to {scale.highest}, whose "
                "ends lowest and highest are, with likes from "
                f"{scale.positive_value} on, {source}. Received: {value}."
            )


def find_kind(
    kinds: Iterable[FeedbackConfig],
    scale: RatingScale,
    event_type: str,
    value: float | None,
) -> FeedbackConfig | None:
    """Finds the kind of feedback of an event; None = none fits.

    Of several with the same type it is the one whose value is nearest. A
    rating that is a like is none of the dislikes, however near, nor the other
    way round, and one that says neither is no feedback, unless it is the very
    value of a kind.
    """
    kinds = [kind for kind in kinds if kind.event_type == event_type]
    valued = {
        kind.find_value(scale): kind for kind in kinds if kind.value is not None
    }
    if value is None or not valued:
        return next((kind for kind in kinds if kind.value is None), None)
    nearest = min(valued, key=lambda v: abs(v - value))
    # What was a float32 on its way is still the very value.
    if event_type in RATING_TYPES and not math.isclose(
        nearest, value, rel_tol=1e-6
    ):
        valued = _select_side(valued, scale, value)
        nearest = min(valued, key=lambda v: abs(v - value), default=None)
    return valued.get(nearest)


def amounts_to(
    kind: FeedbackConfig,
    kinds: Iterable[FeedbackConfig],
    scale: RatingScale,
    value: float,
) -> bool:
    """Tells whether an event with a value is, when read back, of a kind.

    Another kind does as well, if it is on the same side of the scale and
    excludes the item too, or does not either.
    """
    if not kind.is_rating:
        return True
    found = find_kind(kinds, scale, kind.event_type, value)
    if found is None or found.excludes != kind.excludes:
        return False
    return scale.is_liked(value) == scale.is_liked(kind.find_value(scale))


def _select_side(
    valued: Mapping[float, FeedbackConfig], scale: RatingScale, value: float
) -> Mapping[float, FeedbackConfig]:
    """Selects what a rating may amount to, by the values of the kinds."""
    if scale.is_liked(value):
        return {v: k for v, k in valued.items() if scale.is_liked(v)}
    if not scale.is_disliked(value):
        return {}
    # If what excludes is between like and dislike, so does what is worse.
    return {v: k for v, k in valued.items() if scale.is_disliked(v)} or {
        v: k for v, k in valued.items() if k.excludes and not scale.is_liked(v)
    }
