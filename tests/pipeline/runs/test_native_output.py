"""Native code is not heard; Python is."""

import logging
import os
import subprocess
import sys

import pytest

from pipeline.runs.native_output import divert_native_errors
from pipeline.runs.native_output import keep_tensorflow_quiet

TALK = """
import os, sys
from pathlib import Path
from pipeline.runs.native_output import divert_native_errors
with divert_native_errors(Path(sys.argv[1])):
    os.write(2, b"native")
    sys.stderr.write("python")
os.write(2, b" after")
"""


def test_native_text_goes_to_the_file_and_python_s_to_the_terminal(
    tmp_path, repository
):
    said = subprocess.run(
        [sys.executable, "-c", TALK, str(tmp_path / "log")],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stderr == "python after"
    assert (tmp_path / "log").read_text() == "native"


def test_tensorflow_s_warnings_are_not_heard_unless_asked_for(
    monkeypatch, capfd
):
    logger = logging.getLogger("tensorflow")
    level = logger.level
    for asked in (None, "0"):
        if asked:
            monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", asked)
        else:
            monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
        with keep_tensorflow_quiet():
            os.write(2, b"native ")
            is_heard = logger.isEnabledFor(logging.WARNING)
        assert is_heard is (asked is not None)
        assert ("native" in capfd.readouterr().err) is (asked is not None)
    assert logger.level == level


def test_terminal_is_back_after_an_error(tmp_path, capfd):
    with (
        pytest.raises(ValueError, match="stop"),
        divert_native_errors(tmp_path / "log"),
    ):
        raise ValueError("stop")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"
