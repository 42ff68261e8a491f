import pytest
from pydantic import ValidationError

from components.pusher.config import PusherConfig


def test_at_least_one_version_is_kept():
    with pytest.raises(ValidationError, match="greater than 0"):
        PusherConfig(keep_versions=0)


def test_misspelt_key_is_named():
    with pytest.raises(ValidationError, match="keep_version\n"):
        PusherConfig(keep_version=3)


def test_model_name_cannot_leave_the_serving_directory():
    with pytest.raises(ValidationError, match="model_name"):
        PusherConfig(model_name="../other")
