"""One caller's key, as the gateway knows it, and what it opens."""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

_PREFIX = "tm_"  # lets scanners of source code find a key that leaked
_NUM_BYTES = 32


class Role(StrEnum):
    """What a caller may do; no role implies another, but `admin` all."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key without the key itself.

    Attributes:
        name: who holds it; in logs, and what limits are counted by.
        roles: what it opens.
        sha256: of the key's UTF-8 text.
    """

    name: str
    roles: frozenset[Role]
    sha256: bytes

    def opens(self, role: Role) -> bool:
        """Tells whether the key's holder has a role."""
        return role in self.roles or Role.ADMIN in self.roles


def draw_key() -> str:
    """Draws a key of 256 random bits, as text for a header."""
    return _PREFIX + secrets.token_urlsafe(_NUM_BYTES)


def digest_key(key: str) -> bytes:
    """Returns the SHA-256 of a key.

    Salted, slow hashes protect what people can remember. Nobody can try 2**256
    keys, however fast a try is; and a slow hash would let strangers keep the
    gateway busy with wrong keys.
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
