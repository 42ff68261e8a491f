import json

import pytest

from serving.gateway.behavior.log.profile_json import decode_profile
from serving.gateway.behavior.log.profile_json import encode_attributes
from serving.gateway.behavior.log.profile_json import encode_profile

_PROFILE = {"town": "Köln 雪", 'a"\n\0': "\u2028"}


def test_profile_comes_back_as_it_was():
    body = encode_attributes(_PROFILE)
    assert decode_profile(body) == decode_profile(body.decode()) == _PROFILE


def test_row_of_the_users_table_begins_with_the_user():
    row = json.loads(encode_profile("ü", _PROFILE))
    assert row == {"user_id": "ü", **_PROFILE}


@pytest.mark.parametrize(
    ("body", "profile"),
    [
        ('{"age": "35"}', {"age": "35"}),
        ('{"age": "35", "tastes": ["jazz"], "size": 7}', {"age": "35"}),
        ('{"age": "35", "town": "\\ud800", "\\udfff": "x"}', {"age": "35"}),
        ('["age"]', {}),
        ("null", {}),
    ],
)
def test_profile_has_what_this_version_reads(body, profile):
    assert decode_profile(body) == profile


@pytest.mark.parametrize(
    ("user_id", "profile"),
    [("a", {"b": "\ud800"}), ("a", {"\ud800": "b"}), ("\ud800", {})],
)
def test_profile_that_is_not_unicode_is_refused(user_id, profile):
    with pytest.raises(ValueError, match="surrogates"):
        encode_profile(user_id, profile)
