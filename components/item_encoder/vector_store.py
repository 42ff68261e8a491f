"""Vectors of texts encoded before, kept between runs."""

import hashlib
import uuid
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems

_KEY = "text_sha256"
_VECTOR = "vector"


class VectorStore:
    """Text vectors of one backbone, found again by the text alone.

        <store_uri>/<fingerprint>/part-<hash>.parquet

    Columns: text_sha256 binary(32), vector fixed_size_list<float32>[T]. A part
    is written under a hidden name and then renamed, so a reader meets whole
    parts only, whatever happens to the writer. Parts are never changed.

    Args:
        store_uri: folder that outlives a run.
        fingerprint: of the backbone; another backbone, another folder.
        embedding_dim: width T.
    """

    def __init__(self, store_uri: str, fingerprint: str, embedding_dim: int):
        self._folder = FileSystems.join(store_uri, fingerprint)
        self._embedding_dim = embedding_dim

    def read(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Looks texts up.

        Args:
            texts: any number; may hold a text more than once.

        Returns:
            float32 `[len(texts), T]` and bool `[len(texts)]`: the vectors,
            and which of them were found; the others are undefined.
        """
        keys = _compute_keys(texts)
        vectors = np.empty((len(texts), self._embedding_dim), np.float32)
        is_found = np.zeros(len(texts), bool)
        for path in self._list_parts():
            with FileSystems.open(path) as stream:
                part = pq.read_table(stream)
            index = pc.index_in(keys, value_set=part[_KEY].combine_chunks())
            rows = np.flatnonzero(index.is_valid())
            places = index.drop_null().to_numpy()
            vectors[rows] = read_vectors(part[_VECTOR])[places]
            is_found[rows] = True
        return vectors, is_found

    def write(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Adds a part.

        Args:
            texts: distinct.
            vectors: float32 `[len(texts), T]`.
        """
        keys = _compute_keys(texts)
        part = pa.table({_KEY: keys, _VECTOR: build_vector_column(vectors)})
        name = hashlib.sha256(b"".join(keys.to_pylist())).hexdigest()[:32]
        if not FileSystems.exists(self._folder):
            FileSystems.mkdirs(self._folder)
        write_table(
            part, FileSystems.join(self._folder, f"part-{name}.parquet")
        )

    def _list_parts(self) -> list[str]:
        pattern = FileSystems.join(self._folder, "part-*.parquet")
        found = FileSystems.match([pattern])[0].metadata_list
        return sorted(metadata.path for metadata in found)


def write_table(table: pa.Table, path: str) -> None:
    """Writes a Parquet file that appears whole or not at all."""
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
