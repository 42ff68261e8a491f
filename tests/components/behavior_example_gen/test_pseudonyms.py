import hashlib

import pytest

from components.behavior_example_gen import pseudonyms

_KEY = b"0123456789abcdef"


def test_digest_is_keyed_blake2b():
    expected = hashlib.blake2b(b"ann", digest_size=16, key=_KEY).hexdigest()
    assert pseudonyms.pseudonymise(["ann", None], _KEY) == [expected, None]


def test_other_key_gives_other_pseudonyms():
    one = pseudonyms.pseudonymise(["ann"], _KEY)
    assert pseudonyms.pseudonymise(["ann"], _KEY[::-1]) != one


def test_key_is_read_without_its_line_break(tmp_path):
    (tmp_path / "key").write_bytes(_KEY + b"\n")
    assert pseudonyms.load_key(str(tmp_path / "key")) == _KEY
    assert pseudonyms.load_key(None) is None


def test_short_key_is_refused(tmp_path):
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(ValueError, match=r"16 to 64 bytes\. Received: 5 bytes"):
        pseudonyms.load_key(str(tmp_path / "key"))
