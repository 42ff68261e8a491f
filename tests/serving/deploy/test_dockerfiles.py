import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from serving.deploy.gateway_settings import STATE_FOLDER

_ROOT = Path(__file__).parents[3]
_FOLDER = _ROOT / "serving" / "deploy"
_IMAGES = ("model-server", "gateway")


def _read_instructions(image: str) -> list[tuple[str, str]]:
    """Instructions and their arguments, in order."""
    lines = [
        line
        for line in (_FOLDER / f"{image}.Dockerfile").read_text().splitlines()
        if line and not line.lstrip().startswith("#")
    ]
    text = re.sub(r"\\\n", " ", "\n".join(lines))
    return [tuple(line.split(None, 1)) for line in text.splitlines()]


@pytest.fixture(params=_IMAGES)
def image(request) -> str:
    return request.param


@pytest.fixture
def instructions(image) -> list[tuple[str, str]]:
    return _read_instructions(image)


@pytest.fixture
def model_server() -> list[tuple[str, str]]:
    return _read_instructions("model-server")


def _get(instructions, name):
    return [arguments for found, arguments in instructions if found == name]


def _read_pins(name: str) -> dict[str, str]:
    text = (_ROOT / "requirements" / name).read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.M))


def test_image_runs_as_an_ordinary_user(instructions):
    (user,) = _get(instructions, "USER")
    assert int(user.split(":")[0]) > 0


def test_base_images_are_of_the_project_s_python(instructions):
    for image in _get(instructions, "FROM"):
        assert image.startswith("python:3.11-slim")


def test_packages_come_from_a_lock_with_hashes(image, instructions):
    run = _get(instructions, "RUN")[0]
    assert f"-r /build/{image}.lock" in run
    assert "--require-hashes" in run
    assert "--no-cache-dir" in run


def test_every_copied_path_exists_and_reaches_the_builder(image, instructions):
    file = _FOLDER / f"{image}.Dockerfile.dockerignore"
    ignored = file.read_text().splitlines()
    for arguments in _get(instructions, "COPY"):
        if not arguments.startswith("--from"):
            source = arguments.split()[0]
            assert (_ROOT / source).exists()
            assert f"!{source}" in ignored


def test_f04_variables_name_the_model_as_in_the_stock_image(
    model_server, tmp_path
):
    (entrypoint,) = _get(model_server, "ENTRYPOINT")
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    started = subprocess.run(
        [*json.loads(entrypoint), "--enable_batching=true"],
        env={
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "MODEL_NAME": "my shop",
            "MODEL_BASE_PATH": "/m",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert started.stdout.splitlines() == [
        "-m",
        "serving.model_server",
        "--port=8500",
        "--rest_api_port=8501",
        "--model_name=my shop",
        "--model_base_path=/m/my shop",
        "--enable_batching=true",
    ]


def test_f04_variables_have_the_defaults_of_the_stock_image(model_server):
    (variables,) = _get(model_server, "ENV")
    assert "MODEL_NAME=model" in variables.split()
    assert "MODEL_BASE_PATH=/models" in variables.split()


@pytest.mark.parametrize(
    "name", ["model-server.lock", "gateway.lock", "serving-2.20.lock"]
)
def test_lock_names_no_registry_and_hashes_every_pin(name):
    text = (_ROOT / "requirements" / name).read_text()
    assert "://" not in text
    pins = re.findall(r"^[\w.-]+==\S+ \\$", text, re.M)
    assert len(pins) == len(_read_pins(name)) > 0


def test_image_has_the_versions_that_the_tests_have(image):
    pins, tested = _read_pins(f"{image}.lock"), _read_pins("demo.lock")
    assert pins.pop("tensorflow-cpu") == tested["tensorflow"]
    differing = {n: v for n, v in pins.items() if tested.get(n) != v}
    assert differing == {}


def test_image_has_nothing_that_trains(image):
    pins = _read_pins(f"{image}.lock").keys()
    assert pins.isdisjoint(
        {"apache-beam", "keras-hub", "tensorflow-recommenders", "tfx"}
    )


def test_gateway_image_keeps_the_messages_that_a_client_imports():
    """The same `find` as in the Dockerfile, over names only."""
    run = _get(_read_instructions("gateway"), "RUN")[0]
    kept = re.findall(r"! -name '\*(\S+)'", run)
    listed = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import sys, serving.client; print(*(m.__file__ for m in "
            "list(sys.modules.values()) if m.__name__.startswith("
            "'tensorflow.') and getattr(m, '__file__', None)))",
        ],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = listed.stdout.split()
    assert len(files) > 10
    lost = [f for f in files if not f.endswith(tuple(kept))]
    # Packages without a file of their own are found all the same.
    assert [f for f in lost if not f.endswith("/__init__.py")] == []


def test_gateway_owns_the_folder_that_a_volume_is_put_on():
    instructions = _read_instructions("gateway")
    (_, made) = _get(instructions, "RUN")
    assert made.split()[-1] == STATE_FOLDER
    (user,) = _get(instructions, "USER")
    assert "-o {} -g {}".format(*user.split(":")) in made


def test_image_builds(image):
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run(
            [docker, "info"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no Docker engine runs here")
    file = _FOLDER / f"{image}.Dockerfile"
    subprocess.run(
        [docker, "build", "-q", "-f", str(file), str(_ROOT)], check=True
    )
