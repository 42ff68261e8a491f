"""As the gateway's configuration uses it."""

import numpy as np
import pytest

from schemas.rating_scale import RatingScale
from serving.gateway.behavior.feedback_config import FeedbackConfig
from serving.gateway.gateway_config import GatewayConfig


def _rate(value, **rest) -> FeedbackConfig:
    return FeedbackConfig(event_type="rate", value=value, **rest)


@pytest.mark.parametrize(
    ("like", "dislike", "value", "kind"),
    [
        (5.0, "lowest", 4.0, "like"),
        (5.0, "lowest", 3.0, None),
        ("highest", 2.0, 5.0, "like"),
        ("highest", 2.0, 1.0, "dislike"),
        (10.0, 2.0, 7.0, "like"),  # both numbers: the scale is 2 to 10
    ],
)
def test_one_number_does_not_make_a_scale(like, dislike, value, kind):
    feedback = {"like": _rate(like), "dislike": _rate(dislike, excludes=True)}
    config = GatewayConfig(feedback=feedback)
    assert config.find_feedback("rate", value) == feedback.get(kind)


@pytest.mark.parametrize(
    ("like", "dislike", "message"),
    [
        ("highest", 2.5, "'dislike' must be a like or a dislike.*: 2.5"),
        (10.0, "lowest", "'like' must be.*from 0.5 to 5.0.*Received: 10.0"),
        (1.0, 5.0, "'dislike' must have a value below 3.0.*Received: 5.0"),
        ("highest", "highest", "'dislike' must have a value below 4.0"),
    ],
)
def test_feedback_that_would_mean_the_opposite_is_refused(
    like, dislike, message
):
    feedback = {"like": _rate(like), "dislike": _rate(dislike, excludes=True)}
    with pytest.raises(ValueError, match=message):
        GatewayConfig(feedback=feedback)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (2.5, "dislike"),
        (1.0, "dislike"),  # worse than what excludes
        (3.0, None),
        (3.3, "fine"),
        (float(np.float32(3.3)), "fine"),
        (5.0, None),
    ],
)
def test_value_of_the_configuration_is_its_kind(value, kind):
    feedback = {"dislike": _rate(2.5, excludes=True), "fine": _rate(3.3)}
    config = GatewayConfig(ratings=RatingScale(), feedback=feedback)
    assert config.find_feedback("rate", value) == feedback.get(kind)
