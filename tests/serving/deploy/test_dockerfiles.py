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


def _get(instructions, name):
    return [arguments for found, arguments in instructions if found == name]


def _read_pins(name: str) -> dict[str, str]:
    text = (_ROOT / "requirements" / name).read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.M))


def test_image_is_that_of_the_lock_for_an_ordinary_user(image, instructions):
    (user,) = _get(instructions, "USER")
    owner, group = user.split(":")
    assert int(owner) > 0
    for base in _get(instructions, "FROM"):
        assert base.startswith("python:3.11-slim")
    install, *made = _get(instructions, "RUN")
    for option in (f"-r /build/{image}.lock", "--require-hashes"):
        assert option in install
    if image == "gateway":  # a volume is put on the folder that it owns
        assert made[0].split()[-1] == STATE_FOLDER
        assert f"-o {owner} -g {group}" in made[0]


def test_every_copied_path_exists_and_reaches_the_builder(image, instructions):
    file = _FOLDER / f"{image}.Dockerfile.dockerignore"
    ignored = file.read_text().splitlines()
    for arguments in _get(instructions, "COPY"):
        if not arguments.startswith("--from"):
            source = arguments.split()[0]
            assert (_ROOT / source).exists()
            assert f"!{source}" in ignored


def test_f04_variables_name_the_model_as_in_the_stock_image(tmp_path):
    instructions = _read_instructions("model-server")
    (variables,) = _get(instructions, "ENV")
    assert "MODEL_NAME=model" in variables.split()
    assert "MODEL_BASE_PATH=/models" in variables.split()
    (entrypoint,) = _get(instructions, "ENTRYPOINT")
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


def test_image_has_the_versions_that_the_tests_have(image):
    pins, tested = _read_pins(f"{image}.lock"), _read_pins("demo.lock")
    assert pins.pop("tensorflow-cpu") == tested["tensorflow"]
    differing = {n: v for n, v in pins.items() if tested.get(n) != v}
    assert differing == {}
    assert pins.keys().isdisjoint({"apache-beam", "keras-hub", "tfx"})


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
