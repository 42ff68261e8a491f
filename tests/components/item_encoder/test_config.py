import pytest
from pydantic import ValidationError

from components.item_encoder.config import VectorStoreConfig


def test_vectors_may_be_kept_for_ever():
    assert VectorStoreConfig(keep_days=None).keep_days is None


def test_vectors_are_kept_for_a_day_at_least():
    with pytest.raises(ValidationError, match="greater than 0"):
        VectorStoreConfig(keep_days=0)


def test_misspelt_key_is_named():
    with pytest.raises(ValidationError, match="keep_day\n"):
        VectorStoreConfig(keep_day=3)
