import pytest
from pydantic import ValidationError

from serving.gateway.api.user_models import ProfilesIn


def test_numbers_of_a_profile_become_texts():
    given = {"user_id": "ann", "profile": {"age": 35, "height": 1.75}}
    read = ProfilesIn.model_validate({"profiles": [given]})
    assert read.profiles[0].profile == {"age": "35", "height": "1.75"}


def test_profile_that_is_none_is_refused_by_name():
    given = {"user_id": "ann", "profile": {"a=b": "x"}}
    with pytest.raises(ValidationError, match=r"profiles\.0\.profile"):
        ProfilesIn.model_validate({"profiles": [given]})
