"""Files that survive a power cut: written, synced, then renamed."""

import os
from collections.abc import Iterable
from pathlib import Path


def write_file(path: Path, parts: Iterable[bytes]) -> None:
    """Writes a file, or replaces it; readers see the old one or the new one.

    Args:
        path: the file; a hidden file of the same folder is written first.
        parts: what it is to hold, in order.

    Raises:
        OSError: it could not be written; what was there is unchanged.
    """
    hidden = path.with_name(f".{path.name}")
    try:
        with hidden.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        hidden.replace(path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable.

    Raises:
        OSError: the disk refused.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
