"""The versions of one model: wanted, loading, serving, unloading.

`aspire` sets the wanted versions, `step` takes one action towards them; a loop
calls both, tests call them directly. A new version is loaded beside the old
one, then an immutable map of the available versions is swapped, then the old
version drains and is unloaded, so that no request is lost.

Source: tensorflow_serving/core/{aspired_versions_manager,basic_manager,
loader_harness}.cc (SERVING rules V-09, V-10, H-01 to H-12). One difference: the
wait between two tries of a broken version does not delay other versions.
"""

import contextlib
import dataclasses
import functools
import gc
import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path

import grpc

from serving.model_server.serving_error import CatchErrors
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import not_found
from serving.model_server.versions.load_policy import RetryPolicy
from serving.model_server.versions.load_policy import Workers
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.model_handle import ModelHandle
from serving.model_server.versions.version_policy import Action
from serving.model_server.versions.version_policy import ServableVersionPolicy
from serving.model_server.versions.version_policy import choose_action
from serving.model_server.versions.version_policy import select_versions
from serving.model_server.versions.version_record import State
from serving.model_server.versions.version_record import VersionRecord
from serving.version_directory import list_versions

_logger = logging.getLogger(__name__)


class ServedModel:
    """One model by name: a base path and what is loaded from it."""

    def __init__(
        self,
        name: str,
        base_path: Path,
        load: Callable[[Path], LoadedModel],
        retries: RetryPolicy | None = None,
        clock: Callable[[], float] = time.monotonic,
        workers: Workers | None = None,
    ):
        """Begins without versions.

        Args:
            name: what callers ask for.
            base_path: the directory with the versions.
            load: loads and warms up a version, or raises `ServingError`.
            retries: when to try a failed version again.
            clock: seconds, never going back.
            workers: where loads and unloads run.
        """
        self.name = name
        self.base_path = base_path
        self.policy = ServableVersionPolicy()  # the latest version
        self.labels: Mapping[str, int] = {}
        self._load = load
        self._retries = retries or RetryPolicy()
        self._clock = clock
        self._workers = workers or Workers()
        self._records: dict[int, VersionRecord] = {}
        self._lock = threading.RLock()  # guards the records
        # Never changed, only replaced: readers need no lock.
        self._available: dict[int, ModelHandle] = {}
        self._is_closing = False

    def find_versions(self) -> dict[int, Path]:
        """Lists the versions of the base path that the policy wants.

        Raises:
            OSError: the base path cannot be listed.
        """
        found = list_versions(self.base_path)
        if not found:
            _logger.warning(
                "No versions of model %s found under base path %s",
                self.name,
                self.base_path,
            )
        return select_versions(self.policy, found, self.name)

    def read_directory(self) -> None:
        """Sets the wanted versions by what the base path holds now.

        A base path that cannot be listed changes nothing; one without any
        version unloads everything.
        """
        try:
            found = self.find_versions()
        except OSError as error:
            _logger.error(
                "Could not list the versions of %s: %s", self.name, error
            )
            return
        self.aspire(found)

    def aspire(self, found: Mapping[int, Path]) -> None:
        """Wants these versions and no others."""
        with self._lock:
            for number, record in self._records.items():
                if number not in found:
                    record.is_aspired = False
            for number, path in found.items():
                record = self._records.get(number)
                if record is None:
                    self._records[number] = VersionRecord(number, path)
                elif not record.is_aspired:
                    record.is_aspired = True
                    if record.state is State.END:
                        self._records[number] = VersionRecord(number, path)

    def step(self) -> bool:
        """Takes one action at most; returns whether anything changed."""
        with self._lock:
            to_close = [r for r in self._records.values() if _is_drained(r)]
            to_load = [r for r in self._records.values() if self._is_due(r)]
            has_given_up = self._give_up_unwanted()
            action = choose_action(self._records.values())
            match action:
                case (Action.UNLOAD, record):
                    self._retire(record)
                case (Action.LOAD, record):
                    record.state = State.LOADING
                    to_load.append(record)
            for record in (*to_close, *to_load):
                record.is_busy = True
        for record in to_close:
            self._workers.unload(functools.partial(self._close, record))
        for record in to_load:
            self._workers.load(functools.partial(self._try_load, record))
        return bool(to_close or to_load or has_given_up or action)

    def _is_due(self, record: VersionRecord) -> bool:
        return (
            record.state is State.LOADING
            and record.is_aspired
            and not record.is_busy
            and self._clock() >= record.next_try
        )

    def _give_up_unwanted(self) -> bool:
        """Ends versions that are no longer wanted and were never available."""
        unwanted = [
            record
            for record in self._records.values()
            if not record.is_aspired
            and not record.is_busy
            and record.state in (State.START, State.LOADING)
        ]
        for record in unwanted:
            record.state = State.END
        return bool(unwanted)

    def _try_load(self, record: VersionRecord) -> None:
        started = time.monotonic()
        with CatchErrors(f"loading {record.path}") as caught:
            model = self._load(record.path)
        with self._lock:
            record.is_busy = False
            if caught.error is not None:
                self._note_failure(record, caught.error)
                return
            if record.is_aspired:
                record.error = None
                record.handle = ModelHandle(model, record.number)
                self._available = self._available | {
                    record.number: record.handle
                }
                record.state = State.AVAILABLE
                _logger.info(
                    "Loaded %s version %d in %.2f s",
                    self.name,
                    record.number,
                    time.monotonic() - started,
                )
                return
            record.state = State.END
            record.error = ServingError(
                grpc.StatusCode.CANCELLED, "Loading of servable cancelled"
            )
        model.close()

    def _note_failure(self, record: VersionRecord, error: ServingError) -> None:
        record.error = error
        record.num_tries += 1
        record.next_try = self._clock() + self._retries.interval_seconds
        _logger.warning(
            "Loading %s version %d failed (try %d): %s",
            self.name,
            record.number,
            record.num_tries,
            error.message,
        )
        if record.num_tries > self._retries.max_num_load_retries:
            record.state = State.END

    def _retire(self, record: VersionRecord) -> None:
        record.state = State.UNLOADING
        self._available = {
            number: handle
            for number, handle in self._available.items()
            if number != record.number
        }
        record.handle.retire()

    def _close(self, record: VersionRecord) -> None:
        with CatchErrors(f"unloading {record.path}"):
            record.handle.model.close()
        record.handle = None
        if not self._is_closing:
            # A graph has reference cycles, so that its memory is freed only by
            # a full collection, which may come many swaps later.
            gc.collect()
        with self._lock:
            record.is_busy = False
            record.state = State.START if record.is_aspired else State.END
            record.num_tries = 0
        _logger.info("Unloaded %s version %d", self.name, record.number)

    @contextlib.contextmanager
    def use(self, version: int | None = None) -> Iterator[ModelHandle]:
        """Keeps a version loaded while the block runs.

        Args:
            version: the version wanted; None takes the highest available.

        Raises:
            ServingError: that version is not available.
        """
        handle = self._acquire(version)
        try:
            yield handle
        finally:
            handle.release()

    def _acquire(self, version: int | None) -> ModelHandle:
        while True:
            available = self._available
            number = (
                max(available, default=None) if version is None else version
            )
            handle = available.get(number)
            if handle is None:
                raise describe_absence(self.name, version)
            # A handle retires after its removal from the map: look it up again.
            if handle.acquire():
                return handle

    def is_serving(self, version: int) -> bool:
        """Tells whether a version is available."""
        return version in self._available

    def list_available(self) -> list[int]:
        """Lists the versions that answer."""
        return list(self._available)

    def list_records(self) -> list[VersionRecord]:
        """Lists every version ever seen, highest number first."""
        with self._lock:
            records = [dataclasses.replace(r) for r in self._records.values()]
        return sorted(records, key=lambda r: r.number, reverse=True)

    def close(self) -> None:
        """Unloads everything; calls and loads that still run are awaited."""
        self._is_closing = True
        self.aspire({})
        while any(r.state is not State.END for r in self.list_records()):
            if not self.step():
                time.sleep(0.01)


def _is_drained(record: VersionRecord) -> bool:
    return (
        record.state is State.UNLOADING
        and not record.is_busy
        and record.handle.is_drained()
    )


def describe_absence(name: str, version: int | None) -> ServingError:
    """Builds the status for a model or version that is not available."""
    wanted = (
        f"Latest({name})" if version is None else f"Specific({name}, {version})"
    )
    return not_found(f"Servable not found for request: {wanted}")
