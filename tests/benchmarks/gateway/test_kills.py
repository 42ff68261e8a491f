import psutil
import pytest

from benchmarks.gateway import kills as gateway_kills


def test_no_acknowledged_event_is_lost_by_kills(tmp_path):
    counts = gateway_kills.count_lost_events(tmp_path, 10, seed=1)
    assert counts.kills == 10
    assert counts.acknowledged > 0
    assert counts.lost_from_log == 0
    assert counts.lost_from_state == 0
    assert counts.doubled == 0


def test_a_loss_is_counted(tmp_path, monkeypatch):
    run_one = gateway_kills._run_one

    def promise_too_much(*given):
        return [*run_one(*given), "never-recorded"]

    monkeypatch.setattr(gateway_kills, "_run_one", promise_too_much)
    counts = gateway_kills.count_lost_events(tmp_path, 1, seed=2)
    assert (counts.lost_from_log, counts.lost_from_state) == (1, 1)


def test_a_writer_that_ends_by_itself_is_told(tmp_path):
    (tmp_path / "log").write_text("in the way")
    with pytest.raises(RuntimeError, match="must run until it is killed"):
        gateway_kills.count_lost_events(tmp_path, 5, seed=1)


def test_writers_are_gone_afterwards(tmp_path):
    gateway_kills.count_lost_events(tmp_path, 1, seed=3)
    # Zombies too: a writer that nobody waited for has no command line.
    left = [
        child
        for child in psutil.Process().children()
        if child.status() == psutil.STATUS_ZOMBIE
        or gateway_kills.__name__ in child.cmdline()
    ]
    assert left == []
