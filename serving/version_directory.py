"""Finds the versions of a model below its base path.

    <base_path>/
        12/  0000013/      versions 12 and 13
        .tmp-14-981/       no number, so no version: skipped silently
        labels.json

Source: tensorflow_serving/sources/storage_path/
file_system_storage_path_source.cc (SERVING rules V-01 to V-07).
"""

import logging
import re
from pathlib import Path

_logger = logging.getLogger(__name__)

_DIGITS = re.compile(r"[0-9]{1,64}")
_MAX_INT64 = 2**63 - 1


def list_versions(base_path: Path) -> dict[int, Path]:
    """Lists the versions below a base path by number, lowest first.

    A file with a numeric name counts too: it then fails to load, visibly.

    Raises:
        OSError: the base path cannot be listed, for example because it does
            not exist.
    """
    versions = {}
    for child in sorted(base_path.iterdir()):
        if not _DIGITS.fullmatch(child.name) or int(child.name) > _MAX_INT64:
            continue
        number = int(child.name)
        if number in versions:
            _logger.warning(
                "%s and %s are both version %d; using the last",
                versions[number],
                child,
                number,
            )
        versions[number] = child
    return dict(sorted(versions.items()))


def select_latest(
    versions: dict[int, Path], num_versions: int = 1
) -> dict[int, Path]:
    """Keeps the numerically highest versions: the policy `latest`.

    Args:
        versions: number to path.
        num_versions: how many to keep; less than 1 counts as 1.
    """
    highest = sorted(versions)[-max(num_versions, 1) :]
    return {number: versions[number] for number in highest}
