"""State in Redis, shared by all gateways."""

import json
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from serving.gateway.behavior.log.profile_json import decode_profile
from serving.gateway.behavior.log.profile_json import encode_attributes
from serving.gateway.behavior.log.record_json import decode_exposure
from serving.gateway.behavior.log.record_json import decode_item
from serving.gateway.behavior.log.record_json import decode_items
from serving.gateway.behavior.log.record_json import encode_item
from serving.gateway.behavior.log.record_json import encode_shown
from serving.gateway.behavior.log.record_json import read_newest
from serving.gateway.behavior.state import redis_bodies
from serving.gateway.behavior.state import redis_scripts
from serving.gateway.behavior.state.decayed_count import COUNTED_TYPES
from serving.gateway.behavior.state.decayed_count import name_counters
from serving.gateway.behavior.state.decayed_count import read_weight
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.behavior.state.state_store import digest_event_id
from serving.gateway.records.event import Event
from serving.gateway.records.exposure import Exposure
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.records.profile import Profile

_TIMEOUT = 1.0  # seconds to connect and to answer
_FORMAT = 1  # rises with every change that older code would misread. Profiles
# are none: they came before the key `format`, so whoever reads it knows them
_NUMBER_DIGITS = 16  # that a member of `events:<user>` begins with


class RedisStateStore:
    """A `StateStore` in one Redis, or a primary; not in a cluster.

    Each change is one Lua script, of many items or profiles one of each
    thousand. Items and documents are as durable as that Redis is configured
    (`appendfsync`); events and exposures can be replayed from the logs.
    """

    def __init__(
        self,
        url: str,
        limits: StateLimits | None = None,
        prefix: str = "tastemaker:",
    ):
        """Connects at the first call.

        Args:
            url: `redis://`, `rediss://` (TLS) or `unix://`.
            limits: None = the defaults.
            prefix: all keys begin with it.

        Raises:
            ValueError: the URL is none of these.
        """
        self._limits = limits or StateLimits()
        self._prefix = prefix
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            # The server may have closed an idle connection.
            retry=Retry(NoBackoff(), 1),
        )

    def open_log(self, log_id: str) -> tuple[int, int]:
        self._check_format()
        with self._reaching(), self._redis.pipeline() as pipeline:
            pipeline.sadd(self._prefix + "logs", log_id)
            pipeline.hmget(
                self._prefix + "applied",
                [f"{log_id}:events", f"{log_id}:exposures"],
            )
            events, exposures = pipeline.execute()[1]
        return int(events or 0), int(exposures or 0)

    def apply_events(
        self,
        log_id: str,
        previous: int,
        events: Sequence[tuple[int, Event]],
    ) -> bool:
        limits = self._limits
        arguments = [
            f"{log_id}:events",
            previous,
            events[-1][0],
            repr(limits.half_life),
            limits.events_per_user,
            limits.seen_events,
            limits.popular_items,
            limits.scenarios + 1,  # and the counter of all events
            f",{','.join(COUNTED_TYPES)},",
        ]
        for _, event in events:
            arguments += redis_scripts.list_arguments(event, limits.half_life)
        return bool(self._run(redis_scripts.APPLY_EVENTS, arguments))

    def apply_exposures(
        self,
        log_id: str,
        previous: int,
        exposures: Sequence[tuple[int, Exposure]],
    ) -> bool:
        arguments = [
            f"{log_id}:exposures",
            previous,
            exposures[-1][0],
            self._limits.exposures,
        ]
        for _, one in exposures:
            arguments += [
                one.slate_id.encode(),
                one.user_id.encode(),
                encode_shown(one),
            ]
        return bool(self._run(redis_scripts.APPLY_EXPOSURES, arguments))

    def list_seen(self, event_ids: Collection[str]) -> set[str]:
        ids = list(event_ids)
        if not ids:
            return set()
        digests = [digest_event_id(event_id) for event_id in ids]
        with self._reaching():
            scores = self._redis.zmscore(self._prefix + "seen", digests)
        pairs = zip(ids, scores, strict=True)
        return {event_id for event_id, score in pairs if score is not None}

    def read_events(self, user_id: str, limit: int) -> list[Event]:
        key = f"{self._prefix}events:{user_id}".encode()

        def read_bodies(count: int) -> list[bytes]:
            with self._reaching():
                members = self._redis.zrange(key, -count, -1)
            return [member[_NUMBER_DIGITS:] for member in members]

        return read_newest(read_bodies, limit)

    def list_users(self, limit: int) -> list[str]:
        if limit < 1:
            return []
        with self._reaching():
            users = self._redis.zrevrange(self._prefix + "users", 0, limit - 1)
        return [user.decode() for user in users]

    def find_exposure(self, slate_id: str) -> Exposure | None:
        with self._reaching():
            body = self._redis.hget(
                self._prefix + "exposures", slate_id.encode()
            )
        return decode_exposure(json.loads(body)) if body else None

    def read_popularity(self, scenario: str, now: float) -> dict[str, float]:
        half_life = self._limits.half_life
        counter = name_counters(scenario, half_life)[0]
        key = f"{self._prefix}popularity:{counter}".encode()
        with self._reaching():
            pairs = self._redis.zrevrange(key, 0, -1, withscores=True)
        return {
            item_id.decode(): read_weight(score, now, half_life)
            for item_id, score in pairs
        }

    def put_items(self, items: Sequence[ItemFacts]) -> int:
        pairs = [(item.item_id.encode(), encode_item(item)) for item in items]
        script, bound = redis_scripts.PUT_ITEMS, self._limits.items
        return redis_bodies.put(self._run, script, bound, pairs)

    def find_item(self, item_id: str) -> tuple[int, ItemFacts | None]:
        asked = [item_id.encode()]
        number, body = self._run(redis_scripts.FIND_ITEM, asked)
        return number, decode_item(json.loads(body)) if body else None

    def replace_item(self, number: int, item: ItemFacts) -> int | None:
        arguments = [
            self._limits.items,
            item.item_id.encode(),
            encode_item(item),
            number,
        ]
        return self._run(redis_scripts.REPLACE_ITEM, arguments)

    def put_profiles(self, profiles: Mapping[str, Profile]) -> int:
        pairs = [
            (user_id.encode(), encode_attributes(profile) if profile else b"")
            for user_id, profile in profiles.items()
        ]
        script, bound = redis_scripts.PUT_PROFILES, self._limits.profiles
        return redis_bodies.put(self._run, script, bound, pairs)

    def find_profile(self, user_id: str) -> Profile:
        with self._reaching():
            body = self._redis.hget(self._prefix + "profiles", user_id.encode())
        return decode_profile(body) if body else {}

    def list_profiles(self) -> list[tuple[str, Profile]]:
        bodies = redis_bodies.list_after(self._run, "profile", 0)
        return [
            (user_id.decode(), decode_profile(body))
            for user_id, body in bodies.items()
        ]

    def find_newest_item(self) -> int:
        key = self._prefix + "item_order"
        with self._reaching():
            newest = self._redis.zrevrange(key, 0, 0, withscores=True)
        return int(newest[0][1]) if newest else 0

    def list_items(self, after: int = 0) -> list[ItemFacts]:
        bodies = redis_bodies.list_after(self._run, "item", after)
        return decode_items(bodies.values())

    def replace_document(
        self, name: str, before: bytes | None, after: bytes
    ) -> bool:
        known = [] if before is None else [before]
        arguments = [name, after, *known]
        return bool(self._run(redis_scripts.REPLACE_DOCUMENT, arguments))

    def load_document(self, name: str) -> bytes | None:
        with self._reaching():
            return self._redis.hget(self._prefix + "documents", name)

    def forget_user(self, user_id: str, log_id: str) -> int:
        return self._run(redis_scripts.FORGET_USER, [user_id.encode(), log_id])

    def erase_removed(self) -> bool:
        return True  # its files are Redis's own affair, which rewrites them

    def list_forgets(self, log_id: str) -> list[str]:
        with self._reaching():
            users = self._redis.smembers(f"{self._prefix}forget:{log_id}")
        return [user.decode() for user in users]

    def finish_forget(self, log_id: str, user_id: str) -> None:
        with self._reaching():
            self._redis.srem(f"{self._prefix}forget:{log_id}", user_id.encode())

    def close(self) -> None:
        self._redis.close()

    def _check_format(self) -> None:
        """Refuses what a newer release made of the keys.

        States of before there was this key have format 1.
        """
        key = self._prefix + "format"
        with self._reaching(), self._redis.pipeline() as pipeline:
            pipeline.set(key, _FORMAT, nx=True)
            pipeline.get(key)
            found = pipeline.execute()[1]
        if not found.isdigit() or int(found) > _FORMAT:
            raise ValueError(
                f"The state in Redis must be of format {_FORMAT} or older. "
                f"Received: {found.decode(errors='replace')[:64]}. Start the "
                "newer gateway, or name another database in `storage.state`."
            )

    def _run(self, script: str, arguments: Iterable):
        with self._reaching():
            return self._redis.register_script(script)(
                args=[self._prefix, *arguments]
            )

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except redis.RedisError as error:
            raise ConnectionError(
                f"Redis must answer within {_TIMEOUT} s. Received: {error}."
            ) from error
