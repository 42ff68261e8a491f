"""Small models of the conformance suite, for tests of single modules."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def half_plus_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """y = x / 2 + 2 as Predict, Classify and Regress; a version directory."""
    from tests.serving.conformance.models import save_half_plus_two

    return save_half_plus_two(tmp_path_factory.mktemp("half") / "1")


@pytest.fixture(scope="session")
def broken_half_plus_two(
    half_plus_two: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A copy that lost its saved_model.pb."""
    path = tmp_path_factory.mktemp("broken") / "1"
    shutil.copytree(half_plus_two, path)
    (path / "saved_model.pb").unlink()
    return path
