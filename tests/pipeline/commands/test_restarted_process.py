"""A process that ends is started again, until it is stopped."""

import logging
import sys
import time

from pipeline.commands.restarted_process import RestartedProcess

_SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
_TIMEOUT = 60.0


def _wait_until(is_so) -> None:
    end = time.monotonic() + _TIMEOUT
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_killed_process_is_started_again_and_told_of(caplog):
    kept = RestartedProcess("The sleeper", _SLEEP, first_wait=0.01)
    kept.keep_alive()
    first = kept.process
    first.kill()
    _wait_until(lambda: kept.process is not first)
    second = kept.process
    assert second.poll() is None
    assert "The sleeper ended with status -9" in caplog.text
    kept.stop()
    assert second.poll() is not None
    assert kept.process is second  # its end by the stop started none


def test_process_that_ends_at_once_is_told_of_only_once(tmp_path, caplog):
    log = tmp_path / "starts"
    code = f"open({str(log)!r}, 'a').write('x')"
    command = [sys.executable, "-c", code]
    kept = RestartedProcess("It", command, first_wait=0.01)
    kept.keep_alive()
    _wait_until(lambda: log.exists() and len(log.read_text()) >= 3)
    kept.stop()
    errors = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert len(errors) == 1
