"""Starts a gateway with a run's model, items and users."""

import contextlib
import dataclasses
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline.commands.gateway_inputs import read_popularity_days
from pipeline.commands.gateway_inputs import read_rating_scale
from pipeline.commands.recommendation import build_server_flags
from pipeline.commands.recommendation import find_default_label
from pipeline.commands.recommendation import find_served_version
from pipeline.commands.recommendation import get_address_file
from pipeline.commands.restarted_process import RestartedProcess
from pipeline.runs.run_folder import RunFolder
from schemas.model_facts import ModelFacts
from schemas.model_facts import read_model_facts
from schemas.rating_scale import RatingScale
from serving.client import RecommenderClient
from serving.gateway.gateway_config import GatewayConfig

_START_SECONDS = 300.0
_POLL_SECONDS = 0.5


def place_files(
    config: GatewayConfig, folder: RunFolder, address: str | None
) -> GatewayConfig:
    """Fills a configuration's missing paths and addresses from a run.

    Args:
        config: as written by the user; defaults are replaced.
        folder: of the run; the gateway's files go to `gateway/` in it.
        address: of a running model server; None leaves the configured one.
    """
    own = folder.root / "gateway"
    default = GatewayConfig().storage
    storage, upstream = config.storage, config.upstream
    if storage.state == default.state:
        state = f"sqlite:///{own / 'state.sqlite'}"
        storage = dataclasses.replace(storage, state=state)
    if storage.log == default.log:
        storage = dataclasses.replace(storage, log=str(own / "log"))
    if address is not None:
        upstream = dataclasses.replace(upstream, address=address)
    slates, facts = config.slates, _find_facts(folder)
    words = config.category_words
    if facts is not None and not words:
        words = {name: tuple(one) for name, one in facts.category_words.items()}
    if storage.popularity_days is None:
        days = read_popularity_days(own)
        storage = dataclasses.replace(storage, popularity_days=days)
    if slates.repeats is None:
        slates = dataclasses.replace(slates, repeats=facts and facts.repeats)
    if upstream.version_label is None:
        label = _find_label(folder)
        upstream = dataclasses.replace(upstream, version_label=label)
    return dataclasses.replace(
        config,
        ratings=config.ratings or _find_rating_scale(folder),
        catalogue=config.catalogue or str(own / "items.jsonl"),
        category_words=words,
        storage=storage,
        upstream=upstream,
        slates=slates,
    )


def _find_facts(folder: RunFolder) -> ModelFacts | None:
    """What the pushed version says of its dataset; None = nothing pushed."""
    try:
        version_path = find_served_version(folder)
    except FileNotFoundError:
        return None  # whoever needs the version says so
    return read_model_facts(version_path)


def _find_label(folder: RunFolder) -> str | None:
    """The label that everybody is to be asked for, if there is one."""
    try:
        return find_default_label(find_served_version(folder).parent)
    except FileNotFoundError:
        return None


def _find_rating_scale(folder: RunFolder) -> RatingScale | None:
    try:
        return read_rating_scale(find_served_version(folder))
    except FileNotFoundError:  # nothing is pushed yet, or without a catalogue
        return None


def check_port(port: int) -> None:
    """Checks that the gateway's port is free.

    Raises:
        OSError: the port is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise OSError(
                f"`--port` must be free. Received: {port} ({error.strerror})."
            ) from error


@contextlib.contextmanager
def serve_model(folder: RunFolder) -> Iterator[str]:
    """Runs the embedded model server in a separate process.

    It is started again when it ends after it has answered.

    Its address is noted in the run's folder, where `tastemaker label` looks.

    Yields:
        Its address, once the version that is served answers.

    Raises:
        RuntimeError: the server ends, or does not answer in time.
    """
    served = find_served_version(folder)
    base_path = served.parent
    port = _find_free_port()
    server = RestartedProcess(
        "The model server",
        [
            *(sys.executable, "-m", "serving.model_server"),
            "--host=127.0.0.1",  # it takes no keys: the gateway does
            f"--port={port}",
            *build_server_flags(base_path),
        ],
    )
    address = f"127.0.0.1:{port}"
    try:
        with leave_on_sigterm():
            _wait_for_model(server.process, address, served)
            server.keep_alive()
            with _note_address(get_address_file(folder), address):
                yield address
    finally:
        server.stop()


@contextlib.contextmanager
def _note_address(file: Path, address: str) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{address}\n", encoding="utf-8")
    try:
        yield
    finally:
        # Another gateway on the run may have noted its own since.
        if file.exists() and file.read_text().strip() == address:
            file.unlink()


@contextlib.contextmanager
def leave_on_sigterm() -> Iterator[None]:
    """Makes SIGTERM end this process through its `finally` blocks.

    Otherwise it would end at once, and its child processes would go on. While
    the gateway serves, uvicorn handles the signal, and raises it again at the
    end. For the main thread only.
    """

    def leave(number: int, _) -> None:
        sys.exit(128 + number)  # as a shell reports it

    previous = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _wait_for_model(process, address: str, served: Path) -> None:
    name, version = served.parent.name, int(served.name)
    end = time.monotonic() + _START_SECONDS
    with RecommenderClient(address, name, timeout=_POLL_SECONDS) as client:
        while True:
            try:
                states = {one.version: one.state for one in client.status()}
                if states.get(version) == "AVAILABLE":
                    return
            except (OSError, LookupError, RuntimeError):
                pass  # not there yet: the loop's end says when to give up
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(
                    f"the model server must answer within {_START_SECONDS:.0f}"
                    " s. Received: nothing. See what `tastemaker serve` says."
                )
            time.sleep(_POLL_SECONDS)


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]
