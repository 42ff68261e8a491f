"""One caller's key, as a hash, and its roles."""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

_PREFIX = "tm_"  # lets scanners of source code find a key that leaked
_NUM_BYTES = 32


class Role(StrEnum):
    """What a caller may do; `admin` implies all roles, others imply none."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """The record of a key, without its text.

    Attributes:
        name: the caller's name; used in logs, and limits are counted by it.
        roles: what the caller may do.
        sha256: of the key's UTF-8 text.
    """

    name: str
    roles: frozenset[Role]
    sha256: bytes

    def opens(self, role: Role) -> bool:
        """Tells whether the key's holder has a role."""
        return role in self.roles or Role.ADMIN in self.roles


def draw_key() -> str:
    """Generates a key of 256 random bits, as text for a header."""
    return _PREFIX + secrets.token_urlsafe(_NUM_BYTES)


def digest_key(key: str) -> bytes:
    """Returns the SHA-256 of a key.

    Salted, slow hashes protect passwords that people can remember. 2**256 keys
    cannot be tried with any hash; and with a slow hash, callers could keep the
    gateway busy with wrong keys.
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
