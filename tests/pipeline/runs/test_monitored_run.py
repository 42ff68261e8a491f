"""What a run has to say goes to its log; its end is one line."""

import errno
import logging
import os

import pytest

from pipeline.runs.monitored_run import MonitoredRun
from pipeline.runs.monitored_run import RunFailedError
from pipeline.runs.monitored_run import summarize
from pipeline.runs.run_folder import RunFolder


@pytest.fixture
def monitor(tmp_path):
    return MonitoredRun(RunFolder(tmp_path), "one", 1, lambda _: None)


def test_error_outside_of_nodes_is_told_with_its_type(monitor):
    with pytest.raises(RunFailedError, match="KeyError: 'spam'"), monitor:
        raise KeyError("spam")


def test_interruption_stays_an_interruption(monitor):
    with pytest.raises(KeyboardInterrupt), monitor:
        raise KeyboardInterrupt


def test_log_goes_to_the_file_while_the_run_lasts(monitor):
    before = logging.getLogger().handlers[:]
    with pytest.raises(RunFailedError), monitor:
        logging.getLogger("beam").info("moved %d rows", 7)
        raise RuntimeError("stop")
    assert "moved 7 rows" in monitor.log_path.read_text()
    assert logging.getLogger().handlers == before


def test_native_text_goes_to_the_file_too(monitor, capfd):
    with pytest.raises(RunFailedError), monitor:
        os.write(2, b"cuInit failed, and nobody minds\n")
        raise RuntimeError("stop")
    assert "nobody minds" in monitor.log_path.read_text()
    assert "nobody minds" not in capfd.readouterr().err


def test_full_disk_is_told_once_and_not_for_every_line_of_the_log(
    monitor, capfd
):
    monitor.log_path.parent.mkdir(parents=True)
    monitor.log_path.symlink_to("/dev/full")
    with pytest.raises(RunFailedError, match="No space left"), monitor:
        logging.getLogger("beam").info("moved %d rows", 7)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert capfd.readouterr().err == ""


def test_cause_within_a_worker_s_traceback_is_found():
    error = RuntimeError(
        "Traceback (most recent call last):\n  File 'a.py', line 1\n"
        "ValueError: rows must be whole. Received: half.\n"
    )
    assert summarize(error) == "ValueError: rows must be whole. Received: half."


def test_endless_message_keeps_its_beginning_and_its_end():
    line = summarize(ValueError("begin " + "x " * 5000 + "end"))
    assert len(line) < 700
    assert line.startswith("ValueError: begin")
    assert line.endswith("x end")


def test_message_of_several_lines_becomes_one():
    assert summarize(ValueError("a\n  b")) == "ValueError: a b"
