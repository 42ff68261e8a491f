"""A disk that is full for a while: the kernel itself refuses to write."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def full_disk(path: Path, room: int = 0) -> Iterator[None]:
    """Lets no file of this process grow beyond a file's size.

    The kernel writes what fits and refuses the rest with EFBIG, as a full
    disk does with ENOSPC; Python ignores the signal that comes with it.

    Args:
        path: the file.
        room: bytes that it may still grow by.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit = path.stat().st_size + room
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
