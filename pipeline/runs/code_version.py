"""A fingerprint of our sources, so that TFX's cache notices edits.

TFX's cache key holds inputs, parameters and the class of the executor, not
the code behind it: without this, an edited component would be answered from
the cache.
"""

import hashlib
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
# The results of a stage depend on these; `pipeline` only connects stages.
STAGE_PACKAGES = ("schemas", "trainer", "serving", "components")


def compute_code_version(packages: tuple[str, ...], root: Path = _ROOT) -> str:
    """Hashes the sources of packages.

    Args:
        packages: names or paths of packages below `root`, as
            "components/item_encoder".
        root: the folder that holds the packages.

    Returns:
        16 hexadecimal digits that change with any `.py` or `.pbtxt` file:
        its name, its place or its content.

    Raises:
        FileNotFoundError: a package is not there.
    """
    digest = hashlib.sha256()
    for package in sorted(packages):
        folder = root / package
        if not folder.is_dir():
            raise FileNotFoundError(
                f"`packages` must be folders below {root}. "
                f"Received: {package!r}."
            )
        files = [*folder.rglob("*.py"), *folder.rglob("*.pbtxt")]
        for path in sorted(files):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
