"""The gateway needs nothing that its image does not have."""

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
_OURS = ("schemas", "serving")
# TensorFlow has another name in the image; see requirements/gateway.in.
_RENAMED = {"tensorflow": "tensorflow-cpu"}

# Imports as if some packages were not installed.
_PROBE = """
import importlib, sys
from importlib.machinery import PathFinder

absent, modules = (set(names.split()) for names in sys.argv[1:])

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            return None
        return super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
for module in sorted(modules):
    importlib.import_module(module)
"""


def _list_locked() -> set[str]:
    text = (_ROOT / "requirements" / "gateway.lock").read_text()
    return set(re.findall(r"^([\w.-]+)==", text, re.M))


def _normalise(name: str) -> str:
    return _RENAMED.get(name, re.sub(r"[-_.]+", "-", name).lower())


def _find_file(module: str) -> Path | None:
    path = _ROOT / module.replace(".", "/")
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.exists():
            return file
    return None


def _list_imports(file: Path) -> Iterator[str]:
    """Lists modules that a file imports, wherever it does so.

    What it can do without, in a `try`, does not count.
    """
    tree = ast.parse(file.read_text())
    optional = {
        id(node)
        for attempt in ast.walk(tree)
        if isinstance(attempt, ast.Try)
        for handler in attempt.handlers
        if "ImportError" in ast.unparse(handler.type or ast.Constant(""))
        for statement in attempt.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in optional:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.fixture(scope="module")
def reached() -> tuple[set[str], set[str]]:
    """Modules of ours that the gateway reaches, and of others."""
    gateway = (_ROOT / "serving" / "gateway").rglob("*.py")
    clients = (_ROOT / "serving").glob("*.py")
    waiting = {
        ".".join(file.relative_to(_ROOT).with_suffix("").parts)
        for file in (*gateway, *clients)
    }
    ours, others = set(), set()
    while waiting:
        module = waiting.pop()
        file = _find_file(module)
        if module.partition(".")[0] not in _OURS:
            others.add(module)
        elif file is not None and module not in ours:
            ours.add(module)
            waiting |= set(_list_imports(file))
    return ours, others


def test_every_import_of_the_gateway_is_locked(reached):
    _, others = reached
    found = {name.partition(".")[0] for name in others}
    found -= sys.stdlib_module_names
    assert {"fastapi", "grpc", "scipy", "yaml"} <= found
    packages = importlib.metadata.packages_distributions()
    locked = _list_locked()
    missing = {
        name
        for name in found
        if locked.isdisjoint(map(_normalise, packages.get(name, [name])))
    }
    assert missing == set()


def test_gateway_is_imported_without_what_the_image_leaves_out(reached):
    """Also what the locked packages need themselves, and what waits."""
    ours, _ = reached
    locked = _list_locked()
    absent = {
        name
        for name, owners in importlib.metadata.packages_distributions().items()
        if locked.isdisjoint(map(_normalise, owners)) and name not in _OURS
    }
    assert "pandas" in absent
    assert "scipy" not in absent
    lazy = {"limits.aio.storage", "redis", "scipy.stats"}
    modules = {one for one in ours if not one.endswith("__main__")} | lazy
    ran = subprocess.run(
        [
            *(sys.executable, "-c", _PROBE),
            *(" ".join(names) for names in (absent, modules)),
        ],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
