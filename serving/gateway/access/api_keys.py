"""API keys from a file or an environment variable."""

import hmac
import logging
import re
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import yaml

from serving.gateway.access.api_key import ApiKey
from serving.gateway.access.api_key import Role
from serving.gateway.access.api_key import digest_key

_logger = logging.getLogger(__name__)
_LOOK_SECONDS = 1.0  # between two looks at the file
_MAX_KEY_LENGTH = 256  # characters; longer ones are not hashed
_FIELDS = {"name", "roles", "sha256"}
_NAME = re.compile(r"[\w.-]{1,64}", re.ASCII)
_SHA256 = re.compile("[0-9a-f]{64}")


class ApiKeys:
    """Finds the key of a caller; safe in threads.

    A key file holds one line for each key, as `generate_key` writes it:

        - {name: shop, roles: [read, write], sha256: 9f86d0...}

    A changed file takes effect within a second. If it cannot be read or is
    malformed, that is logged, and the keys before it stay valid: a typing error
    must not lock all callers out. To revoke a key, remove its line.
    """

    def __init__(
        self,
        keys: Sequence[ApiKey],
        path: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        """Takes keys; see `from_file`, `from_environment`.

        Args:
            keys: at least one.
            path: the file that they came from, to read it again.
            clock: seconds that never go back.
        """
        self._keys = tuple(keys)
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()  # one thread looks at the file
        self._stamp = None if path is None else _read_stamp(path)
        self._looked_at = clock()

    @classmethod
    def from_file(
        cls, path: Path, clock: Callable[[], float] = time.monotonic
    ) -> "ApiKeys":
        """Reads a key file.

        Args:
            path: YAML; it has only hashes, but only operators should be able to
                write it.
            clock: as of the constructor.

        Raises:
            ValueError: the file holds no keys, or a malformed one.
            OSError: the file cannot be read.
        """
        return cls(_read_keys(path), path, clock)

    @classmethod
    def from_environment(
        cls, name: str, environment: Mapping[str, str]
    ) -> "ApiKeys":
        """Reads the text of a key file from an environment variable.

        Raises:
            ValueError: the variable is not set, or holds no keys.
        """
        if name not in environment:
            raise ValueError(
                f"The environment variable {name} must hold keys. "
                "Received: it is not set."
            )
        return cls(parse_keys(environment[name], name))

    def find(self, shown: str) -> ApiKey | None:
        """Returns the record of a caller's key, or None.

        Takes as long for a wrong key as for a right one: digests are compared
        with all keys and in constant time.
        """
        self._look()
        if len(shown) > _MAX_KEY_LENGTH:
            return None
        digest = digest_key(shown)
        found = None
        for key in self._keys:
            if hmac.compare_digest(key.sha256, digest):
                found = key
        return found

    def _look(self) -> None:
        if (
            self._path is None
            or self._clock() < self._looked_at + _LOOK_SECONDS
            or not self._lock.acquire(blocking=False)
        ):
            return
        try:
            self._looked_at = self._clock()
            stamp = _read_stamp(self._path)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            self._keys = _read_keys(self._path)
            _logger.info("Read %d keys again.", len(self._keys))
        except (OSError, ValueError) as error:
            _logger.error("Keys stay as they were: %s", error)
        finally:
            self._lock.release()


def parse_keys(text: str, source: str) -> tuple[ApiKey, ...]:
    """Reads keys.

    Args:
        text: YAML, see `ApiKeys`.
        source: what messages call it.

    Raises:
        ValueError: it holds no keys, or what is none; messages name the
            entry by number and repeat nothing of it.
    """
    try:
        entries = yaml.safe_load(text)
    except yaml.YAMLError as error:
        # Its message would quote the text.
        raise ValueError(f"{source} must be YAML.") from error
    if not isinstance(entries, list) or not entries:
        raise ValueError(
            f"{source} must be a list of one key or more. "
            f"Received: {type(entries).__name__}."
        )
    keys = [
        _parse_key(entry, f"{source}, key {number}")
        for number, entry in enumerate(entries, 1)
    ]
    for field in ("name", "sha256"):
        if len({getattr(key, field) for key in keys}) < len(keys):
            raise ValueError(f"{source} must not hold a `{field}` twice.")
    return tuple(keys)


def _read_keys(path: Path) -> tuple[ApiKey, ...]:
    return parse_keys(path.read_text(encoding="utf-8"), str(path))


def _parse_key(entry: object, source: str) -> ApiKey:
    if not isinstance(entry, dict) or set(entry) != _FIELDS:
        raise ValueError(f"{source} must have {', '.join(sorted(_FIELDS))}.")
    name, roles, sha256 = entry["name"], entry["roles"], entry["sha256"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"{source}: `name` must be 1 to 64 of letters, digits, `_.-`."
        )
    allowed = [role.value for role in Role]
    if (
        not isinstance(roles, list)
        or not roles
        or any(role not in allowed for role in roles)
    ):
        raise ValueError(
            f"{source}: `roles` must be a list of {', '.join(allowed)}."
        )
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise ValueError(f"{source}: `sha256` must be 64 hexadecimal digits.")
    return ApiKey(
        name=name,
        roles=frozenset(map(Role, roles)),
        sha256=bytes.fromhex(sha256),
    )


def _read_stamp(path: Path) -> tuple[int, int, int]:
    """Returns what changes whenever a file is written or replaced."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino
