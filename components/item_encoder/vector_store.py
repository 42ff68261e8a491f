"""Vectors of encoded texts, kept between runs."""

import hashlib
import time
import uuid
from collections.abc import Callable
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from apache_beam.io.filesystem import BeamIOError
from apache_beam.io.filesystems import FileSystems

from components.item_encoder.config import VectorStoreConfig

_KEY = "text_sha256"
_VECTOR = "vector"
_DAY = 86_400.0  # seconds


class StoredVectors(NamedTuple):
    """The vectors of some texts in a store.

    Attributes:
        vectors: float32 `[N, T]`; undefined where nothing was found.
        is_found: bool `[N]`.
        is_aging: bool `[N]`, found, but only in parts that will leave: what
            is used is to be written again.
    """

    vectors: np.ndarray
    is_found: np.ndarray
    is_aging: np.ndarray


class VectorStore:
    """Text vectors of one backbone, by text.

        <store_uri>/<fingerprint>/part-<hash>.parquet

    Columns: text_sha256 binary(32), vector fixed_size_list<float32>[T]. A part
    is written under a hidden name and then renamed, so a reader sees only
    complete parts, even if the writer is killed. Parts are never changed.

    The last use of a vector is not recorded. Instead a run rewrites vectors
    that it finds only in parts older than `keep_days`, and `prune` removes
    parts of twice that age: a vector used within `keep_days` is in a younger
    part.
    """

    def __init__(
        self,
        store_uri: str,
        fingerprint: str,
        embedding_dim: int,
        config: VectorStoreConfig | None = None,
        clock: Callable[[], float] = time.time,
    ):
        """Opens a store; its folder need not exist.

        Args:
            store_uri: folder that is kept between runs.
            fingerprint: of the backbone; another backbone, another folder.
            embedding_dim: width T.
            config: None = the defaults.
            clock: seconds since the epoch, as of the files' times.
        """
        self._folder = FileSystems.join(store_uri, fingerprint)
        self._embedding_dim = embedding_dim
        self._config = config or VectorStoreConfig()
        self._clock = clock

    def read(self, texts: Sequence[str]) -> StoredVectors:
        """Looks texts up.

        Args:
            texts: any number; may hold a text more than once.
        """
        keys = _compute_keys(texts)
        vectors = np.empty((len(texts), self._embedding_dim), np.float32)
        is_found = np.zeros(len(texts), bool)
        is_young = np.zeros(len(texts), bool)
        for path, written_at in self._list_parts():
            part = _read_part(path)
            if part is None:
                continue
            index = pc.index_in(keys, value_set=part[_KEY].combine_chunks())
            rows = np.flatnonzero(index.is_valid())
            places = index.drop_null().to_numpy()
            vectors[rows] = read_vectors(part[_VECTOR])[places]
            is_found[rows] = True
            if not _is_older(written_at, self._config, 1, self._clock()):
                is_young[rows] = True
        return StoredVectors(vectors, is_found, is_found & ~is_young)

    def renew(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Rewrites vectors that a run has used.

        Args:
            texts: may hold a text more than once.
            vectors: float32 `[len(texts), T]`.
        """
        rows = list({text: row for row, text in enumerate(texts)}.values())
        if rows:
            # A different name: another run may remove the old part now.
            suffix = f"-{int(self._clock())}"
            self.write([texts[row] for row in rows], vectors[rows], suffix)

    def write(
        self, texts: Sequence[str], vectors: np.ndarray, suffix: str = ""
    ) -> None:
        """Adds a part.

        Args:
            texts: distinct.
            vectors: float32 `[len(texts), T]`.
            suffix: of the part's name.
        """
        keys = _compute_keys(texts)
        part = pa.table({_KEY: keys, _VECTOR: build_vector_column(vectors)})
        name = hashlib.sha256(b"".join(keys.to_pylist())).hexdigest()[:32]
        name += suffix
        if not FileSystems.exists(self._folder):
            FileSystems.mkdirs(self._folder)
        write_table(
            part, FileSystems.join(self._folder, f"part-{name}.parquet")
        )

    def _list_parts(self) -> list[tuple[str, float]]:
        """Lists the paths of parts, and when each was written."""
        pattern = FileSystems.join(self._folder, "part-*.parquet")
        return _list_files(pattern)


def prune(
    store_uri: str,
    config: VectorStoreConfig,
    clock: Callable[[], float] = time.time,
) -> int:
    """Removes old unused parts of every backbone.

    Call it at the end of a run, which has renewed what it uses.

    Args:
        store_uri: as of `VectorStore`.
        config: the age.
        clock: as of `VectorStore`.

    Returns:
        How many parts were removed, torn ones of killed runs included.

    Raises:
        OSError: a part cannot be removed.
    """
    now = clock()
    removed = 0
    files = _list_files(FileSystems.join(store_uri, "*", "*part-*.parquet"))
    for path, written_at in files:
        if _is_older(written_at, config, 2, now):
            try:
                FileSystems.delete([path])
                removed += 1
            except BeamIOError:
                if FileSystems.exists(path):
                    raise  # else another run was faster
    return removed


def _list_files(pattern: str) -> list[tuple[str, float]]:
    found = FileSystems.match([pattern])[0].metadata_list
    return sorted((one.path, one.last_updated_in_seconds) for one in found)


def _is_older(
    written_at: float, config: VectorStoreConfig, times: int, now: float
) -> bool:
    """Whether a file is older than a multiple of `keep_days`.

    On a file system without file times no file is old.
    """
    if config.keep_days is None or not written_at:
        return False
    return now - written_at > times * config.keep_days * _DAY


def _read_part(path: str) -> pa.Table | None:
    """Reads a part; None = another run has removed it just now."""
    try:
        with FileSystems.open(path) as stream:
            return pq.read_table(stream)
    except OSError:
        if FileSystems.exists(path):
            raise
        return None


def write_table(table: pa.Table, path: str) -> None:
    """Writes a Parquet file that appears complete or not at all."""
    folder, name = FileSystems.split(path)
    hidden = FileSystems.join(folder, f".{uuid.uuid4().hex}-{name}")
    with FileSystems.create(hidden) as stream:
        pq.write_table(table, stream)
    FileSystems.rename([hidden], [path])


def build_vector_column(vectors: np.ndarray) -> pa.Array:
    """Turns float32 `[N, T]` into a fixed_size_list<float32>[T] column."""
    flat = pa.array(np.ascontiguousarray(vectors, np.float32).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])


def read_vectors(column: pa.ChunkedArray) -> np.ndarray:
    """Turns a fixed_size_list<float32>[T] column into float32 `[N, T]`."""
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return flat.reshape(len(column), column.type.list_size)


def _compute_keys(texts: Sequence[str]) -> pa.Array:
    return pa.array(
        [hashlib.sha256(text.encode()).digest() for text in texts],
        pa.binary(32),
    )
