"""Gets slates from the newest pushed version, and writes them as text."""

import contextlib
import textwrap
import time
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

from pipeline.commands.title_lookup import TitleLookup
from pipeline.runs.run_folder import RunFolder
from pipeline.runs.run_history import OutputArtifact
from pipeline.runs.run_history import RunHistory
from serving import version_labels
from serving.client import RecommenderClient
from serving.query import Query
from serving.query import Slate
from serving.query import SlateItem

_LOAD_TIMEOUT_SECONDS = 300.0
_PROBE_SECONDS = 5.0
_CALL_TIMEOUT_SECONDS = 60.0  # the first call of a server traces its graph
_NUM_SHOWN_EVENTS = 5
_NEED_WIDTH = 60  # characters of a need in a reason
MIN_SHOWN_SHARE = 0.005  # less is written as 0.00
_WAIT_SECONDS = 0.1
_POLL_SECONDS = 1  # between two looks of a server at what is labelled


def find_served_version(folder: RunFolder) -> Path:
    """Returns the folder of the version that is stable, or the newest.

    Raises:
        FileNotFoundError: nothing has been pushed.
        ValueError: the labels of the versions cannot be read.
    """
    pushed = RunHistory(folder.metadata_path).find_latest_output(
        "PushedModel", pushed=1
    )
    served = None
    if pushed is not None:
        base_path = Path(pushed.properties["pushed_destination"]).parent
        served = (
            version_labels.find_served_version(base_path)
            if base_path.is_dir()
            else None
        )
    if served is None:
        raise FileNotFoundError(
            f"{folder.root} must have pushed a version. Received: none. Push "
            "one with `tastemaker run CONFIG`, or pass its --root."
        )
    return served


def build_server_flags(base_path: Path) -> list[str]:
    """Builds the flags of a model server that loads what labels say.

    Args:
        base_path: directory of the versions.
    """
    file = version_labels.renew_models_config(base_path)
    if file is None:  # and no way to write one: the newest version serves
        return [
            f"--model_name={base_path.name}",
            f"--model_base_path={base_path.absolute()}",
        ]
    return [
        f"--model_config_file={file}",
        f"--model_config_file_poll_wait_seconds={_POLL_SECONDS}",
        # A server that starts has nothing available yet.
        "--allow_version_labels_for_unavailable_models=true",
    ]


def find_default_label(base_path: Path) -> str | None:
    """Finds the label to ask for; None = the highest version loaded."""
    labels = version_labels.read_labels(base_path)
    return version_labels.STABLE if version_labels.STABLE in labels else None


def find_examples(folder: RunFolder) -> Path:
    """Returns the folder of the newest Examples.

    Raises:
        FileNotFoundError: no run has got as far as Examples.
    """
    found: OutputArtifact | None = RunHistory(
        folder.metadata_path
    ).find_latest_output("Examples", "examples")  # not Transform's
    if found is None or not found.path.is_dir():
        raise FileNotFoundError(
            f"{folder.root} must hold Examples. Received: none. Make them "
            "with `tastemaker run CONFIG`, or pass its --root."
        )
    return found.path


def await_version(address: str, model_name: str, version: int) -> None:
    """Waits until a server has loaded a version.

    Args:
        address: host:port of the server.
        model_name: what it calls the model.
        version: its number.

    Raises:
        TimeoutError: it does not load it.
    """
    end = time.monotonic() + _LOAD_TIMEOUT_SECONDS
    states = {}
    with RecommenderClient(address, model_name) as client:
        while time.monotonic() < end:
            states = {one.version: one.state for one in client.status()}
            if states.get(version) == "AVAILABLE":
                return
            time.sleep(_WAIT_SECONDS)
    raise TimeoutError(
        f"the server at {address} must load version {version} within"
        f" {_LOAD_TIMEOUT_SECONDS:.0f} s. Received:"
        f" {states.get(version, 'nothing')}."
    )


def get_address_file(folder: RunFolder) -> Path:
    """Where a gateway notes the address of its model server."""
    return folder.root / "gateway" / "model_server.address"


def find_running_server(folder: RunFolder) -> str | None:
    """Finds the model server of the run's gateway; None = none answers.

    Raises:
        FileNotFoundError: nothing has been pushed.
    """
    file = get_address_file(folder)
    if not file.exists():
        return None
    address = file.read_text(encoding="utf-8").strip()
    name = find_served_version(folder).parent.name
    try:
        with RecommenderClient(address, name, _PROBE_SECONDS) as client:
            client.status()
    except (OSError, LookupError, RuntimeError):
        return None  # left by a gateway that was killed
    return address


@contextlib.contextmanager
def open_client(
    folder: RunFolder, address: str | None
) -> Iterator[RecommenderClient]:
    """Connects to a server; starts the embedded one where none is named.

    Args:
        folder: where pushed versions are; the model's name comes from there.
        address: host:port of a running server; None = start one, and stop
            it when the block ends.

    Raises:
        FileNotFoundError: nothing has been pushed.
        TimeoutError: the server does not load the version.
    """
    served = find_served_version(folder)
    base_path = served.parent
    label = find_default_label(base_path)
    if address is not None:
        with RecommenderClient(
            address, base_path.name, _CALL_TIMEOUT_SECONDS, label
        ) as asked:
            yield asked
        return
    # TensorFlow loads only here: with --address there is no wait for it.
    from serving.model_server.server import ModelServer
    from serving.model_server.server import ServerOptions

    file = version_labels.renew_models_config(base_path)
    options = ServerOptions(
        host="127.0.0.1",
        model_config_file="" if file is None else str(file),
        allow_version_labels_for_unavailable_models=True,
    )
    server = ModelServer(base_path.name, base_path, 0, options)
    server.start(timeout_seconds=_LOAD_TIMEOUT_SECONDS)
    try:
        here = f"127.0.0.1:{server.port}"
        await_version(here, base_path.name, int(served.name))
        with RecommenderClient(
            here, base_path.name, _CALL_TIMEOUT_SECONDS, label
        ) as asked:
            yield asked
    finally:
        server.stop()


def describe_history(item_ids: Sequence[str], titles: TitleLookup) -> list[str]:
    """Describes the query of a slate: the newest events, by title.

    Args:
        item_ids: the window, oldest first.
        titles: of the pushed catalogue.

    Returns:
        Lines of text.
    """
    if not item_ids:
        return ["history: empty"]
    newest = list(item_ids)[-_NUM_SHOWN_EVENTS:][::-1]
    more = len(item_ids) - len(newest)
    events = "1 event" if len(item_ids) == 1 else f"{len(item_ids)} events"
    lines = [f"history, newest first ({events}):"]
    lines += [f"    {titles.get_title(item_id)}" for item_id in newest]
    return [*lines, *([f"    ... and {more} more"] if more else [])]


def describe_slate(
    slate: Slate, query: Query, titles: TitleLookup
) -> list[str]:
    """Writes a slate as text: rank, title, score, reasons.

    Args:
        slate: what the model answered to `query`.
        query: what was asked; reasons point into its events.
        titles: of the pushed catalogue.

    Returns:
        Lines of text; one that says so where the slate is empty.
    """
    if not slate.items:
        return ["no item is left to recommend"]
    lines = []
    if not slate.is_need_read:
        lines.append(f"The need was not understood: {query.need}")
    for rank, item in enumerate(slate.items, start=1):
        title = titles.get_title(item.item_id)
        lines.append(f"{rank:3d}. {title}  (score {item.score:.2f})")
        reasons = describe_reasons(item, query, titles)
        lines += [f"     because {reason}" for reason in reasons]
    return lines


def shorten(need: str) -> str:
    """Shortens a need to what is read at a glance."""
    return textwrap.shorten(need, _NEED_WIDTH, placeholder=" ...")


def describe_reasons(
    item: SlateItem, query: Query, titles: TitleLookup
) -> list[str]:
    """Describes what brought an item forward, the largest share first.

    Args:
        item: of a slate.
        query: what was asked; reasons point into its events.
        titles: of the pushed catalogue.

    Returns:
        What follows "because", each with its share.
    """
    shares = item.shares
    events = [
        f"{titles.get_title(query.item_ids[position])} ({weight:.2f})"
        for position, weight in item.reasons
        if position < len(query.item_ids) and weight >= MIN_SHOWN_SHARE
    ]
    rest = shares.history - sum(weight for _, weight in item.reasons)
    if rest >= MIN_SHOWN_SHARE:
        others = "other events" if events else "what you did"
        events.append(f"{others} ({rest:.2f})")
    kinds = (
        (shares.history, f"of {'; '.join(events)}"),
        (
            shares.need,
            f"you asked for '{shorten(query.need)}' ({shares.need:.2f})",
        ),
        (
            shares.popularity,
            f"many people like it ({shares.popularity:.2f})",
        ),
    )
    by_share = sorted(kinds, key=lambda kind: -kind[0])
    return [text for share, text in by_share if share >= MIN_SHOWN_SHARE]
