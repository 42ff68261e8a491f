"""Which versions of a model have a name, and which of them are served.

    <base_path>/
        3/  4/  5/
        labels.json        {"canary": 5, "stable": 3}
        models.config      the same for model servers, see below
        .labels.lock       held while versions or labels change

`labels.json` is the one place that says it. The Pusher deletes no version
that has a label, `tastemaker` serves by it, and a deployment is rendered from
it. Without labels the highest version serves: a push is a roll-out. With
labels, servers load what is labelled and the newest version; once something
is `stable`, the newest must be labelled, too, to be loaded. So a rollback is
one label, and pushes go on behind it.

`models.config` is written again from it whenever versions or labels change,
for servers that run with `--model_config_file` and read it again. Those answer
who names no label with the highest version that they load, as TensorFlow
Serving does; `tastemaker` asks them for `stable`.
"""

import contextlib
import errno
import fcntl
import json
import logging
import os
import re
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path

from serving.model_server.serving_error import ServingError
from serving.model_server.settings.model_configs import read_model_config
from serving.version_directory import list_versions

LABELS_FILE = "labels.json"
MODELS_CONFIG_FILE = "models.config"
STABLE = "stable"  # what `tastemaker` and its gateway ask for

_logger = logging.getLogger(__name__)

_LOCK = ".labels.lock"
_READS_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EAGAIN}
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,48}[a-z0-9])?")


def read_labels(base_path: Path) -> dict[str, int]:
    """Reads the labels of a model's versions.

    Args:
        base_path: directory of the versions.

    Returns:
        Label to version, by label; empty where there is no such file.

    Raises:
        ValueError: the file does not say so.
    """
    return read_labels_file(base_path / LABELS_FILE)


def read_labels_file(file: Path) -> dict[str, int]:
    """Reads one `labels.json`; as `read_labels` does."""
    if not file.exists():
        return {}
    text = file.read_text(encoding="utf-8")
    try:
        labels = json.loads(text)
    except ValueError:
        labels = None
    if not isinstance(labels, dict) or not all(
        isinstance(version, int) and not isinstance(version, bool)
        for version in labels.values()
    ):
        raise ValueError(
            f"{file} must hold a JSON object of label to version number, or a "
            f"labelled version could be deleted. Received: {text[:200]!r}."
        )
    return dict(sorted(labels.items()))


def set_label(base_path: Path, label: str, version: int | None) -> None:
    """Gives a version a name, or takes the name away.

    Args:
        base_path: directory of the versions.
        label: such as "stable"; moved if another version has it.
        version: number of a version that is there; None = nobody has the
            label any more.

    Raises:
        ValueError: the label is no name, nobody has what is taken away, or
            the label is moved to what servers do not load.
        LookupError: there is no such version.
        OSError: the directory cannot be read or written.
    """
    with hold_lock(base_path):
        check_label(base_path, label, version)
        labels = read_labels(base_path)
        if version is not None and labels.get(label, version) != version:
            _check_loaded(base_path, label, version)
        if version is None:
            del labels[label]
        else:
            labels[label] = version
        text = json.dumps(dict(sorted(labels.items())), indent=2) + "\n"
        _replace(base_path / LABELS_FILE, text)
        write_models_config(base_path)


def check_label(base_path: Path, label: str, version: int | None) -> None:
    """Checks what `set_label` is to do; its errors are these."""
    if not _NAME.fullmatch(label):
        raise ValueError(
            "a label must be small letters, digits and hyphens, at most 50, a"
            f" letter first. Received: {label!r}."
        )
    known = list_versions(base_path)
    if version is not None and version not in known:
        raise LookupError(
            f"VERSION must be one of {', '.join(map(str, known))}. Received:"
            f" {version}."
        )
    labels = read_labels(base_path)
    if version is None and label not in labels:
        raise ValueError(
            f"a label to remove must be one of {', '.join(labels) or 'none'}."
            f" Received: {label!r}."
        )


def _check_loaded(base_path: Path, label: str, version: int) -> None:
    """Checks that servers load a version before a label moves to it.

    A running server refuses the whole config otherwise, on every look at it.
    """
    file = base_path / MODELS_CONFIG_FILE
    if not file.exists():
        return  # no server has read what is not there
    try:
        config = read_model_config(file)
    except ServingError as error:
        raise ValueError(
            f"{file} must be a model server's config. Received:"
            f" {error.message}. Remove it: it is written again."
        ) from error
    loaded = set()
    for model in config.model_config_list.config:
        loaded.update(
            model.model_version_policy.specific.versions
            or sorted(list_versions(base_path))[-1:]
        )
    if version not in loaded:
        raise ValueError(
            f"`{label}` must move to a version that servers load, or they"
            f" refuse {file}: {', '.join(map(str, sorted(loaded)))}. Received:"
            f" {version}. Pass `--address HOST:PORT` of the running server,"
            " which then loads it first; where none runs, remove the file: it"
            " is written again."
        )


def find_loaded_versions(base_path: Path) -> list[int]:
    """Finds which versions servers are to load, lowest first.

    Raises:
        ValueError: the labels cannot be read.
        OSError: the directory cannot be listed.
    """
    versions = list_versions(base_path)
    labels = read_labels(base_path)
    wanted = {version for version in labels.values() if version in versions}
    if labels.get(STABLE) not in versions:
        wanted.update(sorted(versions)[-1:])
    return sorted(wanted)


def find_served_version(
    base_path: Path, pinned: Iterable[int] = ()
) -> Path | None:
    """Finds the version that `tastemaker` asks; None = no version.

    That is the stable one; where none is stable, the highest that is pinned;
    and where none is pinned either, the newest.

    Args:
        base_path: directory of the versions.
        pinned: what servers that are configured by hand answer with, see
            `version_pins.py`; a version that is not there is skipped.

    Raises:
        ValueError: the labels cannot be read.
        OSError: the directory cannot be listed.
    """
    versions = list_versions(base_path)
    stable = read_labels(base_path).get(STABLE)
    if stable in versions:
        return versions[stable]
    known = versions.keys() & set(pinned) or versions.keys()
    return versions[max(known)] if known else None


def write_models_config(base_path: Path, also: int | None = None) -> Path:
    """Says in a server's words what to load. Call it under the lock.

    Args:
        base_path: directory of the versions.
        also: a version to load besides. A running server refuses a config
            that moves a label to a version which it has not loaded yet.

    Returns:
        The file, a text proto `ModelServerConfig`.

    Raises:
        ValueError: the labels cannot be read.
        OSError: the file cannot be written.
    """
    lines = [
        "model_config_list {",
        "  config {",
        f"    name: {json.dumps(base_path.name)}",
        f"    base_path: {json.dumps(str(base_path.absolute()))}",
        '    model_platform: "tensorflow"',
    ]
    labels = read_labels(base_path)
    loaded = find_loaded_versions(base_path)
    if also is not None:
        loaded = sorted({*loaded, also})
    if labels or also is not None:
        policy = " ".join(f"versions: {version}" for version in loaded)
        lines.append(f"    model_version_policy {{ specific {{ {policy} }} }}")
        lines += [
            f"    version_labels {{ key: {json.dumps(label)} value: {one} }}"
            for label, one in labels.items()
            if one in loaded
        ]
    file = base_path / MODELS_CONFIG_FILE
    _replace(file, "\n".join([*lines, "  }", "}", ""]))
    return file


def renew_models_config(base_path: Path) -> Path | None:
    """Writes what to load, for who only reads: if that is possible now.

    Args:
        base_path: directory of the versions.

    Returns:
        The file, as it is where somebody else changes it or it may not be
        written; None = there is none, and no label either.

    Raises:
        ValueError: the labels cannot be read.
        OSError: the file is needed and cannot be written.
    """
    file = base_path / MODELS_CONFIG_FILE
    try:
        with hold_lock(base_path, is_waiting=False):
            return write_models_config(base_path)
    except OSError as error:
        if error.errno not in _READS_ONLY:
            raise
        if file.exists():
            return file
        if read_labels(base_path):
            raise
        return None


@contextlib.contextmanager
def hold_lock(
    base_path: Path, is_waiting: bool = True, name: str = _LOCK
) -> Iterator[None]:
    """Lets one at a time change versions or labels.

    A killed process lets go by itself. Hold it for moments: commands wait.
    Without `is_waiting` they get a `BlockingIOError` instead.
    """
    with (base_path / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not is_waiting:
                raise
            _logger.warning("Waiting: another process holds %s", lock.name)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(file: Path, text: str) -> None:
    """Writes a file so that a reader finds the old one or the new one."""
    draft = file.with_name(f".{file.name}.tmp")
    with draft.open("w", encoding="utf-8") as writer:
        writer.write(text)
        writer.flush()
        os.fsync(writer.fileno())
    draft.replace(file)
