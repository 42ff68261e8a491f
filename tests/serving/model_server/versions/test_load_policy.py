import threading

from serving.model_server.versions.load_policy import Workers
from serving.model_server.versions.load_policy import WorkerThreads


def test_default_workers_run_in_the_thread_that_asks():
    names = []
    Workers().load(lambda: names.append(threading.current_thread().name))
    assert names == [threading.current_thread().name]


def test_f08_number_of_load_threads_is_how_many_load_at_a_time():
    threads = WorkerThreads(num_load_threads=2)
    meeting = threading.Barrier(3, timeout=20)
    for _ in range(2):
        threads.workers.load(meeting.wait)
    meeting.wait()  # both are under way
    threads.close()
    assert not meeting.broken


def test_f08_zero_threads_load_one_at_a_time():
    threads = WorkerThreads()
    order = []
    first_goes_on = threading.Event()
    threads.workers.load(lambda: order.append(first_goes_on.wait(20)))
    threads.workers.load(lambda: order.append("second"))
    threads.workers.unload(first_goes_on.set)
    threads.close()
    assert order == [True, "second"]


def test_work_that_ends_in_a_defect_is_told_in_the_log(caplog):
    threads = WorkerThreads()
    threads.workers.load(lambda: {}["no such model"])
    threads.close()
    assert "load must not fail" in caplog.text
    assert "KeyError" in caplog.text


def test_defect_of_a_worker_is_told_until_one_works_again():
    changes = []
    threads = WorkerThreads(on_change=lambda: changes.append(1))
    threads.workers.unload(lambda: {}["no such model"])
    threads.close()
    problems = {one.name: one.problem for one in threads.watches}
    assert problems == {"load": None, "unload": "it fails: KeyError"}
    assert changes == [1]
