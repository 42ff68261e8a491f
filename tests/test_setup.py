"""What Beam ships to its workers with `--setup_file` is complete."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("schemas", "trainer", "serving", "components", "pipeline")


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Builds the archive as Beam does: `python setup.py sdist`."""
    folder = tmp_path_factory.mktemp("sdist")
    subprocess.run(
        [
            sys.executable,
            "setup.py",
            *("-q", "egg_info", "--egg-base", str(folder)),
            *("sdist", "--dist-dir", str(folder)),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        return {name.partition("/")[2] for name in opened.getnames()}


def test_archive_holds_every_module_and_the_curated_schema(names):
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for pattern in ("*.py", "*.pbtxt")
        for path in (ROOT / package).rglob(pattern)
    }
    assert "schemas/schema.pbtxt" in wanted
    assert wanted - names == set()
