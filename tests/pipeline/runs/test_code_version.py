"""The cache sees an edit of code, and nothing else."""

import pytest

from pipeline.runs.code_version import STAGE_PACKAGES
from pipeline.runs.code_version import compute_code_version


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "stage"
    folder.mkdir()
    (folder / "component.py").write_text("x = 1\n")
    return folder


def _version(package):
    return compute_code_version((package.name,), package.parent)


def test_same_sources_give_the_same_version(package):
    assert _version(package) == _version(package)


def test_edit_changes_the_version(package):
    before = _version(package)
    (package / "component.py").write_text("x = 2\n")
    assert _version(package) != before


def test_renamed_module_changes_the_version(package):
    before = _version(package)
    (package / "component.py").rename(package / "other.py")
    assert _version(package) != before


def test_compiled_files_and_notes_do_not_count(package):
    before = _version(package)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "component.pyc").write_bytes(b"\0")
    (package / "notes.md").write_text("hello")
    assert _version(package) == before


def test_misspelt_package_is_refused(package):
    with pytest.raises(FileNotFoundError, match="'stag'"):
        compute_code_version(("stag",), package.parent)


def test_packages_of_the_stages_are_found_where_they_are():
    assert len(compute_code_version(STAGE_PACKAGES)) == 16
