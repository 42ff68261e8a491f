import pytest

from serving.gateway.access.api_key import ApiKey
from serving.gateway.access.api_key import Role
from serving.gateway.access.api_key import digest_key
from serving.gateway.access.api_key import draw_key


@pytest.mark.parametrize(
    ("roles", "opened"),
    [
        ({Role.READ}, {Role.READ}),
        ({Role.WRITE}, {Role.WRITE}),
        ({Role.READ, Role.WRITE}, {Role.READ, Role.WRITE}),
        ({Role.ADMIN}, {Role.READ, Role.WRITE, Role.ADMIN}),
    ],
)
def test_key_opens_its_roles_and_admin_opens_all(roles, opened):
    key = ApiKey(name="shop", roles=frozenset(roles), sha256=b"")
    assert {role for role in Role if key.opens(role)} == opened


def test_drawn_keys_differ_and_hold_256_bits():
    keys = {draw_key() for _ in range(100)}
    assert len(keys) == 100
    # 32 bytes in base 64 without padding are 43 letters.
    assert {len(key.removeprefix("tm_")) for key in keys} == {43}


def test_digest_is_that_of_sha256sum():
    # printf shop-key | sha256sum
    assert digest_key("shop-key").hex() == (
        "44cfdcdd88354fa1412781f5a01a901c9112db33bfa8b165fbec9b618d9cf112"
    )


def test_half_a_surrogate_pair_has_a_digest_too():
    assert digest_key("\ud800") != digest_key("\udfff")
