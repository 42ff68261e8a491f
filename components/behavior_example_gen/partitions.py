"""Moves tables between workers: hashing by user, Arrow IPC bytes."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from pandas.util import hash_array

_BYTES_PER_PARTITION = 16 << 20
_MAX_PARTITIONS = 4096
_IPC = pa.ipc.IpcWriteOptions(compression="lz4")


def count_partitions(size_in_bytes: int) -> int:
    """Returns how many partitions an input of this size is cut into."""
    wanted = -(-size_in_bytes // _BYTES_PER_PARTITION)
    return int(min(max(wanted, 1), _MAX_PARTITIONS))


def split_by_hash(
    table: pa.Table, column: str, num_partitions: int
) -> Iterator[tuple[int, bytes]]:
    """Cuts a table so that equal keys meet in the same partition.

    Yields:
        (partition, table as Arrow IPC bytes), partitions with rows only.
    """
    if not table.num_rows:
        return
    partition = hash_text(table[column]) % num_partitions
    order = np.argsort(partition, kind="stable")
    found, begins = np.unique(partition[order], return_index=True)
    table = table.take(pa.array(order)).combine_chunks()
    ends = [*begins[1:], table.num_rows]
    for number, begin, end in zip(found, begins, ends, strict=True):
        yield int(number), to_bytes(table.slice(begin, end - begin))


def hash_text(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """Returns a uint64 hash per string, the same in every process."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    encoded = column.dictionary_encode()
    values = encoded.dictionary.to_numpy(zero_copy_only=False)
    hashes = hash_array(values, categorize=False)  # they are distinct
    return hashes[encoded.indices.to_numpy()]


def to_bytes(table: pa.Table) -> bytes:
    """Packs a table as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_IPC) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def from_bytes(parts: list[bytes]) -> pa.Table | None:
    """Unpacks and joins tables; None where there is no part."""
    if not parts:
        return None
    tables = [pa.ipc.open_stream(part).read_all() for part in parts]
    # Some tables of a kind have columns that others have not.
    joined = pa.concat_tables(tables, promote_options="default")
    return joined.combine_chunks()
