"""The versions of one model: which are wanted, loading, serving, leaving.

`read_directory` decides what is wanted, `step` makes it so; a loop calls
both, tests call them by hand. A new version is loaded beside the old one,
then an immutable map of the available versions is swapped, then the old
version drains and is unloaded, so that no request is lost.

Source: tensorflow_serving/core/{aspired_versions_manager,basic_manager,
availability_preserving_policy}.cc (SERVING rules V-09, V-10, H-01 to H-12).
We depart in one thing: the wait between two tries of a broken version does
not hold up other versions.
"""

import contextlib
import dataclasses
import enum
import gc
import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

from serving.model_server.loaded_model import LoadedModel
from serving.model_server.model_handle import ModelHandle
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import not_found
from serving.version_directory import list_versions
from serving.version_directory import select_latest

_logger = logging.getLogger(__name__)


class State(enum.IntEnum):
    """Life of a version; the numbers of ModelVersionStatus.State."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclasses.dataclass(frozen=True)
class RetryPolicy:
    """How often a version that fails to load is tried again."""

    max_num_load_retries: int = 5
    interval_seconds: float = 60.0


@dataclasses.dataclass
class VersionRecord:
    """What is known of one version ever seen by this process."""

    number: int
    path: Path
    state: State = State.START
    is_aspired: bool = True
    error: ServingError | None = None
    num_tries: int = 0
    next_try: float = 0.0  # seconds on the clock
    handle: ModelHandle | None = None


class ServedModel:
    """One model by name: a base path and what is loaded from it."""

    def __init__(
        self,
        name: str,
        base_path: Path,
        load: Callable[[Path], LoadedModel],
        retries: RetryPolicy | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        """Knows no version yet.

        Args:
            name: what callers ask for.
            base_path: the directory with the versions.
            load: loads and warms up a version, or raises `ServingError`.
            retries: when to try a failed version again.
            clock: seconds, never going back.
        """
        self.name = name
        self.base_path = base_path
        self._load = load
        self._retries = retries or RetryPolicy()
        self._clock = clock
        self._records: dict[int, VersionRecord] = {}
        self._records_lock = threading.Lock()
        # Never changed, only replaced: readers need no lock.
        self._available: dict[int, ModelHandle] = {}

    def read_directory(self) -> None:
        """Looks which versions the base path holds and wants the latest.

        A base path that cannot be listed changes nothing; one without any
        version unloads everything.
        """
        try:
            found = select_latest(list_versions(self.base_path))
        except OSError as error:
            _logger.error(
                "Could not list the versions of %s: %s", self.name, error
            )
            return
        if not found:
            _logger.warning(
                "No versions of model %s found under base path %s",
                self.name,
                self.base_path,
            )
        with self._records_lock:
            for number, record in self._records.items():
                if number not in found:
                    record.is_aspired = False
            for number, path in found.items():
                self._aspire(number, path)

    def _aspire(self, number: int, path: Path) -> None:
        record = self._records.get(number)
        if record is None:
            self._records[number] = VersionRecord(number, path)
        elif not record.is_aspired:
            record.is_aspired = True
            if record.state is State.END:
                self._records[number] = VersionRecord(number, path)

    def step(self) -> None:
        """Loads what is wanted, then lets go of what is not."""
        with self._records_lock:
            records = sorted(self._records.values(), key=lambda r: r.number)
        for record in reversed(records):
            if record.is_aspired and self._is_due(record):
                self._try_load(record)
        is_replaced = not any(r.is_aspired for r in records) or any(
            r.is_aspired and r.state is State.AVAILABLE for r in records
        )
        for record in records:
            if not record.is_aspired:
                self._let_go(record, is_replaced)
            self._finish_unload(record)

    def _is_due(self, record: VersionRecord) -> bool:
        if record.state is State.START:
            return True
        return (
            record.state is State.LOADING and self._clock() >= record.next_try
        )

    def _try_load(self, record: VersionRecord) -> None:
        record.state = State.LOADING
        started = time.monotonic()
        try:
            model = self._load(record.path)
        except ServingError as error:
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
            return
        record.error = None
        record.handle = ModelHandle(model, record.number)
        self._available = self._available | {record.number: record.handle}
        record.state = State.AVAILABLE
        _logger.info(
            "Loaded %s version %d in %.2f s",
            self.name,
            record.number,
            time.monotonic() - started,
        )

    def _let_go(self, record: VersionRecord, is_replaced: bool) -> None:
        if record.state in (State.START, State.LOADING):
            record.state = State.END
        elif record.state is State.AVAILABLE and is_replaced:
            record.state = State.UNLOADING
            self._available = {
                number: handle
                for number, handle in self._available.items()
                if number != record.number
            }
            record.handle.retire()

    def _finish_unload(self, record: VersionRecord) -> None:
        if record.state is not State.UNLOADING:
            return
        if not record.handle.close_if_unused():
            return
        record.handle = None
        # A graph refers to itself in circles, so that its memory comes back
        # only with a full collection, which else may be many swaps away.
        gc.collect()
        record.state = State.START if record.is_aspired else State.END
        record.num_tries = 0
        _logger.info("Unloaded %s version %d", self.name, record.number)

    @contextlib.contextmanager
    def use(self, version: int | None = None) -> Iterator[ModelHandle]:
        """Holds a version while the block runs; it is not unloaded meanwhile.

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
            # A handle retires after it left the map: look again.
            if handle.acquire():
                return handle

    def list_records(self) -> list[VersionRecord]:
        """Lists every version ever seen, highest number first."""
        with self._records_lock:
            records = [dataclasses.replace(r) for r in self._records.values()]
        return sorted(records, key=lambda r: r.number, reverse=True)

    def close(self) -> None:
        """Unloads everything; calls that still run are waited for."""
        self._available = {}
        for record in self._records.values():
            if record.handle is None:
                continue
            record.handle.retire()
            while not record.handle.close_if_unused():
                time.sleep(0.01)
            record.handle = None
            record.state = State.END


def describe_absence(name: str, version: int | None) -> ServingError:
    """Builds the status for a model or version that is not available."""
    wanted = (
        f"Latest({name})" if version is None else f"Specific({name}, {version})"
    )
    return not_found(f"Servable not found for request: {wanted}")
