"""Adds versions to a model's serving directory atomically.

    <serving_uri>/<model_name>/
        1763700000/        a version: complete from the moment it appears
        labels.json        {"stable": 1763700000}, see version_labels.py
        models.config      what servers load, written from it
        .tmp-1763700100/   a push in progress, or one that was killed
        .trash-176360000/  a version being deleted
        .push.lock         held by a push, from hashing to deletion
        .labels.lock       held while versions or labels change: moments

TensorFlow Serving lists this directory every second, takes every numeric name
for a version and does not retry one that failed to load. So a version is copied
under a name that is not numeric, flushed to the disk, and renamed; a rename
within one directory is atomic on POSIX file systems.
"""

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from components.pusher.config import PusherConfig
from serving.version_directory import list_versions
from serving.version_labels import hold_lock
from serving.version_labels import read_labels
from serving.version_labels import write_models_config
from serving.version_pins import read_version_pins

_logger = logging.getLogger(__name__)

_COPYING = ".tmp-"
_DELETING = ".trash-"
_GRAPH_FILE = "saved_model.pb"
_LOCK = ".push.lock"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Push:
    """The place of a pushed model.

    `is_new` is False when the newest version already held the same files.
    """

    version: int
    path: Path
    is_new: bool


class VersionStore:
    """The versions of one model below a serving directory."""

    def __init__(
        self,
        serving_uri: str,
        config: PusherConfig,
        clock: Callable[[], float] = time.time,
    ):
        """Sets the directory; nothing is changed yet.

        Args:
            serving_uri: the directory that holds a folder per model.
            config: the model's name, and how many versions stay.
            clock: seconds since the epoch, for the version number.

        Raises:
            ValueError: the directory is a URL. An object store has no
                atomic rename.
        """
        if "://" in serving_uri:
            raise ValueError(
                "`serving_uri` must be a path of a mounted file system, "
                "which can rename a directory atomically. Received: "
                f"{serving_uri}."
            )
        self._config = config
        self._clock = clock
        self.path = Path(serving_uri) / config.model_name

    def push(self, model_path: Path) -> Push:
        """Makes a model the newest version, unless it already is.

        Args:
            model_path: a SavedModel directory.

        Raises:
            ValueError: `model_path` is no SavedModel, or it cannot be read
                which versions are labelled or pinned.
            OSError: copying failed, for example because the disk is full;
                nothing of the new version is left.
        """
        if not (model_path / _GRAPH_FILE).is_file():
            raise ValueError(
                f"A model to push must hold `{_GRAPH_FILE}`. Received: "
                f"{model_path}."
            )
        self.path.mkdir(parents=True, exist_ok=True)
        with hold_lock(self.path, name=_LOCK):
            self._list_pinned()  # what cannot be read is told at once
            self._remove_leftovers()
            versions = list_versions(self.path)
            newest = max(versions, default=0)
            if newest and compute_manifest(
                versions[newest]
            ) == compute_manifest(model_path):
                _logger.info(
                    "Version %d of %s already holds these files; not pushed "
                    "again",
                    newest,
                    self._config.model_name,
                )
                with hold_lock(self.path):
                    write_models_config(self.path)
                return Push(newest, versions[newest], is_new=False)
            version = max(newest + 1, int(self._clock()))
            self._publish(self._copy(model_path, version), version)
        return Push(version, self.path / str(version), is_new=True)

    def _list_pinned(self) -> frozenset[int]:
        """Lists what somebody relies on, by label or in a server's config."""
        pins = read_version_pins(
            self._config.model_name, self._config.server_configs
        )
        return pins.named | set(read_labels(self.path).values())

    def _remove_leftovers(self) -> None:
        for child in self.path.iterdir():
            if child.name.startswith((_COPYING, _DELETING)):
                _logger.info("Removing %s", child.name)
                shutil.rmtree(child)

    def _copy(self, model_path: Path, version: int) -> Path:
        copy = self.path / f"{_COPYING}{version}"
        try:
            _copy_durably(model_path, copy)
        except OSError as error:
            shutil.rmtree(copy, ignore_errors=True)
            raise OSError(
                error.errno,
                f"Version {version} must fit into {self.path}; nothing of it "
                f"was published. Received: {error.strerror or error}. Free "
                "some space or lower `keep_versions`, then run again",
                str(copy),
            ) from error
        return copy

    def _publish(self, copy: Path, version: int) -> None:
        """Makes a copy a version, and takes old ones out of sight.

        A label may have moved while the copy was made: no version goes that
        somebody relies on now.
        """
        with hold_lock(self.path):
            keep = self._list_pinned() | {version}
            copy.rename(self.path / str(version))
            _flush(self.path)
            # Before anything goes: no server may look for what is deleted.
            write_models_config(self.path)
            self._hide_old_versions(keep)
        self._remove_leftovers()

    def _hide_old_versions(self, keep: set[int]) -> None:
        versions = list_versions(self.path)
        newest = sorted(versions)[-self._config.keep_versions :]
        for version, path in versions.items():
            if version in newest or version in keep:
                continue
            # Renamed, so that no reader sees it; deleting takes longer.
            path.rename(self.path / f"{_DELETING}{path.name}")
            _logger.info("Removed old version %d", version)


def compute_manifest(path: Path) -> dict[str, str]:
    """Computes the SHA-256 of every file below a directory.

    Returns:
        Path relative to `path` to hexadecimal digest.
    """
    manifest = {}
    for file in sorted(path.rglob("*")):
        if file.is_file():
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            manifest[file.relative_to(path).as_posix()] = digest
    return manifest


def _copy_durably(source: Path, target: Path) -> None:
    """Copies a directory and waits until the disk has every byte."""
    target.mkdir()
    for child in sorted(source.iterdir()):
        if child.is_dir():
            _copy_durably(child, target / child.name)
            continue
        with (
            child.open("rb") as reader,
            (target / child.name).open("wb") as writer,
        ):
            shutil.copyfileobj(reader, writer, _CHUNK_BYTES)
            writer.flush()
            os.fsync(writer.fileno())
    _flush(target)


def _flush(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
