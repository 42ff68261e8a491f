"""Limits the requests of each caller, counted here or in Redis."""

import asyncio
import hashlib
import ipaddress
import logging
import math
import secrets
import time
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.storage import Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

from serving.gateway.upstream.circuit_breaker import CircuitBreaker

_logger = logging.getLogger(__name__)
_NUM_SLOTS = 4096  # of callers without keys, who share them at random
_REDIS_PORT = 6379  # unless the URL says otherwise
_IPV6_PREFIX = 64  # the IPv6 network that counts as one caller
_REDIS_SECONDS = 0.1  # a count may take; the request waits for it
_RETRY_SECONDS = 2.0  # without Redis before it is tried again


class RateLimits:
    """Counts requests in a window that slides; for one event loop.

    There are as many counters as keys and slots, for any number of addresses. A
    slot is chosen by a secret of the process, so that no caller can choose
    whose counter to use up. In Redis, where counters expire, each address has
    its own counter, under a hash.

    When Redis is away each process counts for itself.

    Source: the weighted count of this window and the one before, as
    `limits` describes its sliding window counter; it errs by a few percent
    where traffic is uneven, and costs two numbers a caller.
    """

    def __init__(
        self,
        requests_per_second: int,
        burst_seconds: int = 1,
        redis_url: str | None = None,
    ):
        """Opens no connection yet.

        Args:
            requests_per_second: of one caller, at least 1.
            burst_seconds: length of the window: within it requests may come
                all at once.
            redis_url: `redis://` or `rediss://`, shared by all processes;
                None counts in this process.
        """
        self._item = RateLimitItemPerSecond(
            requests_per_second * burst_seconds, burst_seconds
        )
        self._salt = secrets.token_bytes(16)
        self._local = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = None
        if redis_url is not None:
            self._shared = SlidingWindowCounterRateLimiter(
                _open_redis(redis_url)
            )
        self._breaker = CircuitBreaker(1, _RETRY_SECONDS)

    async def hit(self, key_name: str | None, address: str) -> int | None:
        """Counts one request.

        Args:
            key_name: the caller's key; None = counted by address.
            address: the caller's address.

        Returns:
            None if the caller may go on, else seconds until the next try, at
            least 1.
        """
        permit = None if self._shared is None else self._breaker.admit()
        if permit is not None:
            is_success = False
            try:
                caller = _name_shared(key_name, address)
                async with asyncio.timeout(_REDIS_SECONDS):
                    wait = await self._hit(self._shared, caller)
                is_success = True
                return wait
            except (StorageError, TimeoutError) as error:
                cause = getattr(error, "storage_error", error)
                _logger.warning(
                    "Redis does not count requests: %s", type(cause).__name__
                )
            finally:
                self._breaker.record(permit, is_success)
        return await self._hit(self._local, self._name_local(key_name, address))

    async def _hit(
        self, limiter: SlidingWindowCounterRateLimiter, caller: str
    ) -> int | None:
        if await limiter.hit(self._item, caller):
            return None
        window = await limiter.get_window_stats(self._item, caller)
        return max(1, math.ceil(window.reset_time - time.time()))

    def _name_local(self, key_name: str | None, address: str) -> str:
        if key_name is not None:
            return f"key:{key_name}"
        digest = hashlib.blake2b(
            _widen(address).encode(), key=self._salt, digest_size=8
        ).digest()
        return f"slot:{int.from_bytes(digest) % _NUM_SLOTS}"


def _name_shared(key_name: str | None, address: str) -> str:
    if key_name is not None:
        return f"key:{key_name}"
    digest = hashlib.blake2b(_widen(address).encode(), digest_size=16)
    return f"address:{digest.hexdigest()}"


def _widen(address: str) -> str:
    """Returns the IPv6 network of an address: it counts as one caller."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if parsed.version == 4:
        return address
    network = ipaddress.ip_network((int(parsed), _IPV6_PREFIX), strict=False)
    return str(network)


def _open_redis(url: str) -> Storage:
    parts = urlsplit(url)
    if parts.port is None:  # which `limits` wants to be told
        parts = parts._replace(netloc=f"{parts.netloc}:{_REDIS_PORT}")
    return storage_from_string(
        f"async+{urlunsplit(parts)}",
        implementation="redispy",
        wrap_exceptions=True,
    )
