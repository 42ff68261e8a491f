"""Replaces user ids by keyed digests."""

import hashlib
from collections.abc import Iterable

from components.behavior_example_gen.reading.file_access import open_file

_DIGEST_BYTES = 16  # collisions stay unlikely far beyond 2**48 users
_MAX_KEY_BYTES = 64  # what BLAKE2b takes


def load_key(path: str | None) -> bytes | None:
    """Reads the key; None where no file is configured.

    Raises:
        ValueError: the key is shorter than 16 or longer than 64 bytes.
    """
    if path is None:
        return None
    with open_file(path) as stream:
        key = stream.read().strip()
    if not 16 <= len(key) <= _MAX_KEY_BYTES:
        raise ValueError(
            "`pseudonymise_key_file` must hold 16 to 64 bytes. "
            f"Received: {len(key)} bytes. "
            "Remedy: openssl rand -hex 32 > key"
        )
    return key


def pseudonymise(ids: Iterable[str], key: bytes) -> list[str]:
    """Hashes ids with BLAKE2b in keyed mode (RFC 7693, section 2.5).

    Without the key neither the ids nor guesses of them can be checked.

    Returns:
        One digest of 32 hexadecimal digits per id; None stays None.
    """
    return [
        None
        if name is None
        else hashlib.blake2b(
            name.encode(), digest_size=_DIGEST_BYTES, key=key
        ).hexdigest()
        for name in ids
    ]
