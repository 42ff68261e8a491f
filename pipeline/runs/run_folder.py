"""The folder in which a pipeline keeps its state."""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class RunFolderBusyError(RuntimeError):
    """Another process runs a pipeline on the same folder."""


@dataclass(frozen=True)
class RunFolder:
    """The state of one pipeline, run after run.

    <root>/metadata.sqlite        ML Metadata: runs, nodes, artifacts
    <root>/artifacts/<node>/...   what each node wrote
    <root>/serving/<model>/<n>/   pushed versions, for a model server
    <root>/item_vector_store/     encoded texts, kept between runs
    <root>/schema/<digest>/       curated schema, by content
    <root>/logs/<run id>.log      the log of TFX and Beam
    <root>/run.lock               held while a run is in progress
    """

    root: Path

    @property
    def metadata_path(self) -> Path:
        return self.root / "metadata.sqlite"

    @property
    def artifacts_path(self) -> Path:
        return self.root / "artifacts"

    @property
    def serving_path(self) -> Path:
        return self.root / "serving"

    @property
    def item_vector_store_path(self) -> Path:
        return self.root / "item_vector_store"

    @property
    def logs_path(self) -> Path:
        return self.root / "logs"

    def stage_schema(self, schema_path: Path) -> Path:
        """Copies the curated schema to a path that names its content.

        `ImportSchemaGen` is cached by the path alone; otherwise it would return
        the old schema for an edited one.

        Args:
            schema_path: the schema as text proto.

        Returns:
            The path of the copy.
        """
        digest = hashlib.sha256(schema_path.read_bytes()).hexdigest()[:16]
        staged = self.root / "schema" / digest / schema_path.name
        staged.parent.mkdir(parents=True, exist_ok=True)
        partial = staged.with_suffix(".partial")
        shutil.copyfile(schema_path, partial)
        partial.replace(staged)
        return staged

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps other runs off this folder while the block runs.

        The operating system frees the lock when the process ends for any
        reason: a killed run leaves no lock behind.

        Raises:
            RunFolderBusyError: another process holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "run.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                raise RunFolderBusyError(
                    "`--root` must be free of other runs. Received: "
                    f"{self.root}, in use by process {file.read().strip()}. "
                    "Wait for it, or pass another --root."
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
