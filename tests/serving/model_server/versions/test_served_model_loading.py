"""Loads that fail, take their time, or are not wanted any more."""

import shutil

import grpc
import pytest

from serving.model_server.versions.load_policy import RetryPolicy
from serving.model_server.versions.load_policy import Workers
from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.served_model import ServedModel
from serving.model_server.versions.version_record import State
from tests.serving.conftest import add_version
from tests.serving.conftest import name_states
from tests.serving.conftest import settle


@pytest.fixture
def served(base_path):
    model = ServedModel("m", base_path, LoadedModel)
    yield model
    model.close()


def test_h12_load_that_nobody_waits_for_any_more_is_cancelled(
    base_path, half_plus_two
):
    add_version(base_path, 1, half_plus_two)

    def load(path):
        shutil.rmtree(path)
        served.read_directory()  # the version is not wanted any more
        return LoadedModel(half_plus_two)

    served = ServedModel("m", base_path, load)
    settle(served)
    (record,) = served.list_records()
    assert record.state is State.END
    assert record.error.code is grpc.StatusCode.CANCELLED
    assert record.error.message == "Loading of servable cancelled"
    served.close()


def test_h12_broken_version_that_is_not_wanted_keeps_its_last_error(
    served, base_path, broken_half_plus_two
):
    broken = add_version(base_path, 1, broken_half_plus_two)
    settle(served)
    assert name_states(served) == {1: "LOADING"}
    shutil.rmtree(broken)
    settle(served)
    (record,) = served.list_records()
    assert record.state is State.END
    assert record.error.code is grpc.StatusCode.NOT_FOUND


def test_error_nobody_expected_fails_the_version_and_nothing_else(
    base_path, half_plus_two, caplog
):
    def load(path):
        if path.name == "2":
            raise ZeroDivisionError("by chance")
        return LoadedModel(path)

    served = ServedModel("m", base_path, load, RetryPolicy(0))
    for version in (1, 2):
        add_version(base_path, version, half_plus_two)
        settle(served)
    assert name_states(served) == {2: "END", 1: "AVAILABLE"}
    error = served.list_records()[0].error
    assert error.code is grpc.StatusCode.INTERNAL
    assert error.message == "ZeroDivisionError: by chance"
    assert "Traceback" in caplog.text
    served.close()


def test_loads_and_unloads_run_where_the_workers_are(base_path, half_plus_two):
    waiting = []
    workers = Workers(load=waiting.append, unload=waiting.append)
    served = ServedModel("m", base_path, LoadedModel, workers=workers)
    version = add_version(base_path, 1, half_plus_two)
    served.read_directory()
    assert served.step()
    assert not served.step()
    assert name_states(served) == {1: "LOADING"}
    waiting.pop()()
    assert name_states(served) == {1: "AVAILABLE"}
    shutil.rmtree(version)
    settle(served)
    assert name_states(served) == {1: "UNLOADING"}
    waiting.pop()()
    assert name_states(served) == {1: "END"}
