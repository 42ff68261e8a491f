"""The shape of the tree: mirrors, sizes, names, and what must not be in it."""

import ast
import collections
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("schemas", "trainer", "serving", "components", "pipeline")
MAX_MODULE_LINES = 300
MAX_FUNCTION_LINES = 60
MAX_MODULES_IN_FOLDER = 18
SMALL_MODULE_LINES = 40
DUMPING_GROUNDS = {"utils", "util", "helpers", "helper", "common", "misc"}
DUMPING_SUFFIXES = ("Manager", "Helper", "Mixin")

# Constants and entry points that hold nothing to test by themselves.
WITHOUT_MIRROR = {
    "pipeline/commands/console.py",
    "pipeline/data_check/finding.py",
    "schemas/artifact_files.py",
    "schemas/events.py",
    "serving/deploy/alert.py",  # with prometheus
    "serving/deploy/first_steps.py",  # with rendered_files
    "serving/deploy/gateway_alerts.py",  # with prometheus
    # One test for all objects: tests/serving/deploy/test_kubernetes_objects.
    "serving/deploy/gateway_objects.py",
    "serving/deploy/model_server_objects.py",
    "serving/deploy/network_policies.py",
    "serving/deploy/pod.py",
    "serving/deploy/render_yaml.py",  # with rendered_files
    "serving/deploy/scaling.py",
    "serving/gateway/__main__.py",  # with listener
    "serving/gateway/records/exposure.py",
    "serving/gateway/records/item_facts.py",
    "serving/model_server/__main__.py",  # with server
    # What they answer is asked over the wire: tests/serving/conformance.
    "serving/model_server/inference/example_input.py",
    "serving/model_server/rpc/model_service.py",
    "serving/model_server/rest/model_answers.py",
}

# Small modules with one importer that stay by themselves.
SMALL_ON_PURPOSE = {
    "benchmarks/ratings/peers/running_bias.py",  # one module per peer
    "pipeline/beam_runner.py",  # one module per runner
    "pipeline/local_runner.py",
    "trainer/index/rotation.py",  # ivf_index would grow over 300 lines
}


def _modules(packages=PACKAGES):
    return sorted(
        path.relative_to(ROOT)
        for package in packages
        for path in (ROOT / package).rglob("*.py")
    )


@pytest.mark.parametrize(
    "module",
    [m for m in _modules() if m.name != "__init__.py"],
    ids=str,
)
def test_module_has_a_test_mirror(module):
    if str(module) in WITHOUT_MIRROR:
        pytest.skip("holds nothing to test by itself")
    mirror = ROOT / "tests" / module.parent / f"test_{module.name}"
    assert mirror.exists(), f"{module} needs {mirror.relative_to(ROOT)}"


def test_list_of_exceptions_names_only_modules_that_exist():
    missing = [name for name in WITHOUT_MIRROR if not (ROOT / name).exists()]
    assert missing == []


def test_list_of_exceptions_names_only_modules_without_a_mirror():
    mirrored = [
        name
        for name in map(Path, WITHOUT_MIRROR)
        if (ROOT / "tests" / name.parent / f"test_{name.name}").exists()
    ]
    assert mirrored == []


def test_no_module_is_longer_than_300_lines():
    lengths = {
        str(module): len((ROOT / module).read_text().splitlines())
        for module in _modules((*PACKAGES, "benchmarks", "tests"))
    }
    too_long = {m: n for m, n in lengths.items() if n > MAX_MODULE_LINES}
    assert too_long == {}


def test_no_folder_has_more_than_18_modules():
    folders = collections.Counter(
        str(module.parent)
        for module in _modules((*PACKAGES, "benchmarks"))
        if module.name != "__init__.py"
    )
    too_full = {
        folder: count
        for folder, count in folders.items()
        if count > MAX_MODULES_IN_FOLDER
    }
    assert too_full == {}


def _find_importers() -> dict[str, set[str]]:
    """Module path to the modules beside tests that import it."""
    modules = {
        str(module.with_suffix("")).replace("/", "."): str(module)
        for module in _modules((*PACKAGES, "benchmarks"))
    }
    importers = {path: set() for path in modules.values()}
    for path in modules.values():
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if not isinstance(node, ast.ImportFrom):
                continue
            for alias in node.names:
                for name in (node.module, f"{node.module}.{alias.name}"):
                    if name in modules:
                        importers[modules[name]].add(path)
    return importers


def test_small_module_with_one_importer_lives_with_it():
    alone = {
        path
        for path, importers in _find_importers().items()
        if len(importers) == 1
        and len((ROOT / path).read_text().splitlines()) < SMALL_MODULE_LINES
        and not path.endswith(("__init__.py", "__main__.py"))
    }
    assert alone == SMALL_ON_PURPOSE


def test_no_function_is_longer_than_60_lines_without_its_docstring():
    too_long = {}
    for module in _modules((*PACKAGES, "benchmarks")):
        for node in ast.walk(ast.parse((ROOT / module).read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            first = node.body[0]
            if ast.get_docstring(node) is None or len(node.body) == 1:
                num_lines = node.end_lineno - node.lineno + 1
            else:
                num_lines = node.end_lineno - first.end_lineno
            if num_lines > MAX_FUNCTION_LINES:
                too_long[f"{module}:{node.name}"] = num_lines
    # The stages of the pipeline read top to bottom, in one place.
    too_long.pop("pipeline/pipeline.py:create_pipeline", None)
    assert too_long == {}


def test_no_module_or_class_is_a_dumping_ground():
    found = [str(m) for m in _modules() if m.stem in DUMPING_GROUNDS]
    for module in _modules():
        for node in ast.walk(ast.parse((ROOT / module).read_text())):
            if isinstance(node, ast.ClassDef) and node.name.endswith(
                DUMPING_SUFFIXES
            ):
                found.append(f"{module}:{node.name}")
    assert found == []


@pytest.mark.parametrize(
    "name",
    ["uv", "demo", "dev", "peers", "model-server", "gateway", "serving-2.20"],
)
def test_lock_names_no_registry_and_hashes_every_pin(name):
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--?(index|extra|find|trusted)", text, re.M)
    pins = re.findall(r"^[\w.-]+==\S+ \\$", text, re.M)
    names = re.findall(r"^[\w.-]+==", text, re.M)
    assert names
    assert len(pins) == len(names)


def test_dev_lock_holds_every_pin_of_demo_lock():
    pins = {}
    for name in ("demo", "dev"):
        text = (ROOT / "requirements" / f"{name}.lock").read_text()
        pins[name] = set(re.findall(r"^[\w.-]+==\S+", text, re.M))
    assert pins["demo"] - pins["dev"] == set()


def test_locks_of_one_environment_agree():
    pins = {}
    for name in ("dev", "peers"):
        text = (ROOT / "requirements" / f"{name}.lock").read_text()
        pins[name] = dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.M))
    shared = pins["dev"].keys() & pins["peers"].keys()
    assert "numpy" in shared
    differing = [p for p in shared if pins["dev"][p] != pins["peers"][p]]
    assert differing == []


def test_runtime_requirements_are_those_of_setup_py():
    text = (ROOT / "requirements" / "runtime.in").read_text()
    setup = (ROOT / "setup.py").read_text()
    pins = [line for line in text.splitlines() if not line.startswith("#")]
    missing = [pin for pin in pins if f'"{pin}"' not in setup]
    assert missing == []


def test_no_tracked_file_names_a_place_on_somebody_s_machine():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git clone")
    pattern = re.compile(
        r"""(?:^|[\s"'=(])/(?:home|root|work|Users)/\w""", re.M
    )
    found = [
        name
        for name in listed.stdout.splitlines()
        if (ROOT / name).is_file()
        and pattern.search((ROOT / name).read_text(errors="replace"))
    ]
    assert found == []
