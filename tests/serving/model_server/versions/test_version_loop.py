import shutil

import pytest

from serving.model_server.serving_error import invalid_argument
from serving.model_server.settings.model_configs import (
    build_single_model_config,
)
from serving.model_server.versions.load_policy import RetryPolicy
from serving.model_server.versions.load_policy import WorkerThreads
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.served_model import ServedModel
from serving.model_server.versions.served_models import ServedModels
from serving.model_server.versions.version_loop import VersionLoop
from tests.serving.conformance.conftest import wait_until
from tests.serving.conftest import add_version


@pytest.fixture
def models():
    found = ServedModels(
        lambda name, path: ServedModel(name, path, LoadedModel, RetryPolicy(0))
    )
    yield found
    found.close()


@pytest.fixture
def start(models):
    loops = []

    def build(*arguments):
        loops.append(VersionLoop(models, *arguments))
        loops[-1].start()
        return loops[-1]

    yield build
    for loop in loops:
        loop.stop()


def _numbers(models, name="m"):
    return {r.number: r.state.name for r in models[name].list_records()}


def test_h01_polls_go_on_after_one_that_fails(
    models, start, base_path, half_plus_two, caplog
):
    aside = base_path.rename(base_path.with_name("aside"))
    add_version(aside, 1, half_plus_two)
    models.apply(build_single_model_config("m", base_path))
    loop = start(0.02, lambda: None)
    wait_until(lambda: "Could not find base path" in caplog.text)
    aside.rename(base_path)
    wait_until(lambda: _numbers(models) == {1: "AVAILABLE"})
    assert loop.is_alive
    loop.stop()
    assert not loop.is_alive


def test_error_nobody_expected_ends_no_loop(
    models, start, base_path, half_plus_two, caplog
):
    config = build_single_model_config("m", base_path)
    add_version(base_path, 1, half_plus_two)
    reads = iter([0, 1])
    start(0.02, lambda: 1 // next(reads, 1) and config, 0.02)
    wait_until(lambda: "ZeroDivisionError" in caplog.text)
    wait_until(lambda: "m" in models and _numbers(models) == {1: "AVAILABLE"})


def test_polls_that_fail_are_told_and_keep_no_version_from_loading(
    models, start, base_path, recommender_model, monkeypatch
):
    add_version(base_path, 1, recommender_model)
    models.apply(build_single_model_config("m", base_path))
    models.poll()
    told = []
    with monkeypatch.context() as broken:
        broken.setattr(models, "poll", lambda: {}["no such thing"])
        loop = start(0.02, lambda: None, 0.0, lambda: told.append(1))
        wait_until(lambda: loop.problems == {"versions": "it fails: KeyError"})
        wait_until(lambda: _numbers(models) == {1: "AVAILABLE"})
    wait_until(lambda: loop.problems == {})
    wait_until(lambda: len(told) == 2)


def test_problem_of_a_thread_that_loads_is_one_of_the_loop(models):
    threads = WorkerThreads()
    loop = VersionLoop(models, -1, lambda: None, watches=threads.watches)
    threads.workers.load(lambda: {}["no such model"])
    wait_until(lambda: loop.problems == {"load": "it fails: KeyError"})
    threads.workers.load(lambda: None)
    wait_until(lambda: loop.problems == {})
    threads.close()


def test_f06_zero_looks_once_for_each_config(
    models, start, base_path, half_plus_two
):
    add_version(base_path, 1, half_plus_two)
    config = build_single_model_config("m", base_path)
    models.apply(config)
    start(0, lambda: None)
    wait_until(lambda: _numbers(models) == {1: "AVAILABLE"})
    add_version(base_path, 2, half_plus_two)
    assert not models.is_poll_due.is_set()
    models.apply(config)
    wait_until(lambda: _numbers(models).get(2) == "AVAILABLE")


def test_f06_negative_never_looks(models, start, base_path, half_plus_two):
    add_version(base_path, 1, half_plus_two)
    models.apply(build_single_model_config("m", base_path))
    start(-1, lambda: None).wait(0.3)
    assert _numbers(models) == {}


def test_f07_q09_config_file_is_applied_every_period(
    models, start, base_path, half_plus_two, caplog
):
    add_version(base_path, 1, half_plus_two)
    one = build_single_model_config("m", base_path)
    two = build_single_model_config("n", base_path)
    configs = [one]

    def read():
        if configs[0] is None:
            raise invalid_argument("no such text")
        return configs[0]

    models.apply(one)
    start(0.02, read, 0.02)
    wait_until(lambda: _numbers(models) == {1: "AVAILABLE"})
    configs[0] = None
    wait_until(lambda: "no such text" in caplog.text)
    configs[0] = two
    wait_until(
        lambda: "n" in models and _numbers(models, "n") == {1: "AVAILABLE"}
    )
    wait_until(lambda: _numbers(models) == {1: "END"})
    shutil.rmtree(base_path / "1")
