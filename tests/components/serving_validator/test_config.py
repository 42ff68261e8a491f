import pytest
from pydantic import ValidationError

from components.serving_validator.config import ServingValidatorConfig


def test_test_split_is_replayed_by_default():
    assert ServingValidatorConfig().split == "test"


def test_bound_of_zero_is_refused():
    with pytest.raises(ValidationError, match="max_p99_ms"):
        ServingValidatorConfig(max_p99_ms=0)
