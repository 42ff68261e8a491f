"""Keys are found, hidden, and read again when their file changes."""

import pytest

from serving.gateway.access.api_key import Role
from serving.gateway.access.api_keys import ApiKeys
from serving.gateway.access.api_keys import parse_keys
from tests.serving.gateway.access.conftest import write_keys

_HEX = "0" * 64


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_shown_key_names_its_holder(key_file):
    keys = ApiKeys.from_file(key_file)
    assert keys.find("reader-key").name == "reader"
    assert keys.find("op-key").roles == {Role.ADMIN}


@pytest.mark.parametrize(
    "shown",
    ["", "reader", "reader-key ", "Reader-key", "\ud800", "ü", "k" * 999],
)
def test_wrong_key_names_nobody(key_file, shown):
    assert ApiKeys.from_file(key_file).find(shown) is None


def test_long_key_is_not_even_hashed(tmp_path):
    from serving.gateway.access.api_key import digest_key

    digest = digest_key("k" * 257).hex()
    line = f"- {{name: shop, roles: [read], sha256: {digest}}}"
    assert ApiKeys(parse_keys(line, "keys")).find("k" * 257) is None


def test_changed_file_counts_within_a_second(key_file):
    clock = _Clock()
    keys = ApiKeys.from_file(key_file, clock)
    write_keys(key_file, newcomer="read")
    assert keys.find("newcomer-key") is None  # not looked at yet
    clock.now += 1.0
    assert keys.find("newcomer-key").name == "newcomer"
    assert keys.find("reader-key") is None


@pytest.mark.parametrize("text", ["[", "", "- {name: half", "\x00"])
def test_keys_stay_while_the_file_makes_no_sense(key_file, caplog, text):
    clock = _Clock()
    keys = ApiKeys.from_file(key_file, clock)
    key_file.write_text(text)
    clock.now += 1.0
    assert keys.find("reader-key").name == "reader"
    assert "Keys stay as they were" in caplog.text
    write_keys(key_file, newcomer="read")
    clock.now += 1.0
    assert keys.find("reader-key") is None


def test_keys_stay_while_the_file_is_gone(key_file, caplog):
    clock = _Clock()
    keys = ApiKeys.from_file(key_file, clock)
    key_file.unlink()
    clock.now += 1.0
    assert keys.find("reader-key").name == "reader"
    assert "No such file" in caplog.text


def test_environment_variable_holds_the_same_text(key_file):
    keys = ApiKeys.from_environment("KEYS", {"KEYS": key_file.read_text()})
    assert keys.find("writer-key").name == "writer"


def test_unset_variable_is_named():
    with pytest.raises(ValueError, match="variable GATEWAY_KEYS must hold"):
        ApiKeys.from_environment("GATEWAY_KEYS", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a list of one key or more. Received: NoneType"),
        ("[]", "a list of one key or more. Received: list"),
        ("{name: shop}", "Received: dict"),
        ("- shop", "key 1 must have name, roles, sha256"),
        (f"- {{name: shop, sha256: '{_HEX}'}}", "key 1 must have"),
        (
            f"- {{name: shop, roles: [read], sha256: '{_HEX}', key: secret}}",
            "key 1 must have",
        ),
        (f"- {{name: 7, roles: [read], sha256: '{_HEX}'}}", "`name` must be"),
        (
            f'- {{name: "a\\nb", roles: [read], sha256: "{_HEX}"}}',
            "`name` must be",
        ),
        (f"- {{name: shop, roles: [], sha256: '{_HEX}'}}", "`roles` must be"),
        (
            f"- {{name: a, roles: [root], sha256: '{_HEX}'}}",
            "read, write, admin",
        ),
        (f"- {{name: a, roles: read, sha256: '{_HEX}'}}", "`roles` must be"),
        (f"- {{name: a, roles: [[]], sha256: '{_HEX}'}}", "`roles` must be"),
        ("- {name: a, roles: [read], sha256: tm_secret}", "`sha256` must be"),
        (
            f"- {{name: a, roles: [read], sha256: '{_HEX}'}}\n" * 2,
            "must not hold a `name` twice",
        ),
        (
            f"- {{name: a, roles: [read], sha256: '{_HEX}'}}\n"
            f"- {{name: b, roles: [read], sha256: '{_HEX}'}}",
            "must not hold a `sha256` twice",
        ),
    ],
)
def test_file_that_makes_no_sense_is_refused_without_a_quote(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        parse_keys(text, "keys.yaml")
    assert "secret" not in str(caught.value)
