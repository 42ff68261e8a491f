"""Version directories and hot reload: rules V-*, H-*, W-*, on a live server.

Each test pushes to `growing`, whose version 1 (y = x / 2 + 1) is always
there, and removes what it pushed.
"""

import shutil

import grpc
import pytest

from serving.protos import get_model_status_pb2
from serving.protos import prediction_log_pb2
from serving.tensors import decode_tensor
from tests.serving.conformance.conftest import wait_until
from tests.serving.conformance.models import save_half_plus_two
from tests.serving.conformance.requests import build_classify
from tests.serving.conformance.requests import build_example
from tests.serving.conformance.requests import build_input
from tests.serving.conformance.requests import build_predict
from tests.serving.conformance.requests import build_regress
from tests.serving.conformance.requests import build_status
from tests.serving.conformance.requests import read_states

_MODEL = "growing"
_WARM_UP = "assets.extra/tf_serving_warmup_requests"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return save_half_plus_two(tmp_path_factory.mktemp("template") / "m", 5.0)


@pytest.fixture
def push(models_dir, models_service, template):
    """Adds a version in one rename; all are removed at the end."""
    base_path = models_dir / _MODEL
    pushed = []

    def add(name, change=None):
        hidden = base_path / f".tmp-{name}"
        shutil.copytree(template, hidden)
        if change:
            change(hidden)
        pushed.append(hidden.rename(base_path / name))
        return pushed[-1]

    yield add
    for path in pushed:
        shutil.rmtree(path, ignore_errors=True)
    wait_until(lambda: _alive(models_service) == {1: "AVAILABLE"})


def _alive(models_service):
    states = _states(models_service)
    return {v: state for v, state in states.items() if state != "END"}


def _states(models_service):
    return read_states(models_service, _MODEL)


def _await_state(models_service, version, state):
    wait_until(lambda: _states(models_service).get(version) == state)


def _ask(prediction):
    response = prediction.Predict(build_predict(_MODEL, {"x": [2.0]}))
    return (
        response.model_spec.version.value,
        decode_tensor(response.outputs["y"]).tolist(),
    )


def test_h02_h05_higher_version_replaces_the_old_one(
    push, models_service, prediction
):
    push("12")
    _await_state(models_service, 12, "AVAILABLE")
    assert _ask(prediction) == (12, [6.0])
    _await_state(models_service, 1, "END")
    response = models_service.GetModelStatus(build_status(_MODEL, 1))
    assert response.model_version_status[0].status.error_code == 0


def test_v07_removing_the_highest_version_rolls_back(
    push, models_service, prediction
):
    path = push("13")
    _await_state(models_service, 13, "AVAILABLE")
    shutil.rmtree(path)
    _await_state(models_service, 1, "AVAILABLE")
    _await_state(models_service, 13, "END")
    assert _ask(prediction) == (1, [2.0])


def test_v01_leading_zeros_count_and_other_names_do_not(
    push, models_service, prediction
):
    push("v99")
    push("0000014")
    _await_state(models_service, 14, "AVAILABLE")
    assert 99 not in _states(models_service)


def test_v02_v11_h06_broken_version_ends_and_the_old_one_serves(
    push, models_service, prediction
):
    push("15", lambda path: (path / "saved_model.pb").unlink())
    _await_state(models_service, 15, "END")
    response = models_service.GetModelStatus(build_status(_MODEL, 15))
    (entry,) = response.model_version_status
    assert entry.status.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert "does not appear to contain a SavedModel bundle" in (
        entry.status.error_message
    )
    assert _ask(prediction) == (1, [2.0])


def test_v02_plain_file_with_a_number_is_a_version_that_cannot_load(
    models_dir, models_service, prediction
):
    file = models_dir / _MODEL / "16"
    file.write_text("no model")
    try:
        _await_state(models_service, 16, "END")
        assert _ask(prediction) == (1, [2.0])
    finally:
        file.unlink()


def test_h07_healed_version_is_tried_again_only_after_it_was_gone(
    push, models_service, models_dir, template
):
    path = push("17", lambda path: (path / "saved_model.pb").unlink())
    _await_state(models_service, 17, "END")
    shutil.copy(template / "saved_model.pb", path)
    # Two more polls see the healed directory: pushing 18 proves it.
    push("18")
    _await_state(models_service, 18, "AVAILABLE")
    assert _states(models_service)[17] == "END"


def test_h09_file_that_changes_in_a_loaded_version_is_not_noticed(
    push, models_service, prediction
):
    path = push("19")
    _await_state(models_service, 19, "AVAILABLE")
    (path / "saved_model.pb").unlink()
    push("v20")
    assert _ask(prediction) == (19, [6.0])


def _write_warm_up(path, *logs):
    import tensorflow as tf

    file = path / _WARM_UP
    file.parent.mkdir()
    with tf.io.TFRecordWriter(str(file)) as writer:
        for log in logs:
            writer.write(log.SerializeToString())


def _build_logs():
    examples = build_input(build_example(x=1.0))
    logs = [prediction_log_pb2.PredictionLog() for _ in range(4)]
    logs[0].predict_log.request.CopyFrom(build_predict(_MODEL, {"x": [1.0]}))
    logs[1].classify_log.request.CopyFrom(
        build_classify(_MODEL, "classify_x_to_y", examples)
    )
    logs[2].regress_log.request.CopyFrom(
        build_regress(_MODEL, "regress_x_to_y", examples)
    )
    multi = logs[3].multi_inference_log.request
    multi.input.CopyFrom(examples)
    task = multi.tasks.add(method_name="tensorflow/serving/regress")
    task.model_spec.name = _MODEL
    task.model_spec.signature_name = "regress_x_to_y"
    return logs


def test_w01_w02_every_kind_of_request_warms_up(push, models_service):
    push("21", lambda path: _write_warm_up(path, *_build_logs()))
    _await_state(models_service, 21, "AVAILABLE")


def test_w04_failing_warm_up_fails_the_load(push, models_service, prediction):
    log = prediction_log_pb2.PredictionLog()
    log.predict_log.request.CopyFrom(build_predict(_MODEL, {"z": [1.0]}))
    push("22", lambda path: _write_warm_up(path, *_build_logs(), log))
    _await_state(models_service, 22, "END")
    response = models_service.GetModelStatus(build_status(_MODEL, 22))
    (entry,) = response.model_version_status
    assert entry.status.error_code == 3
    assert "Signature input alias: x" in entry.status.error_message
    assert _ask(prediction)[0] == 1


def test_s02_versions_that_are_gone_are_still_told(push, models_service):
    push("23")
    _await_state(models_service, 23, "AVAILABLE")
    push("24")
    _await_state(models_service, 24, "AVAILABLE")
    _await_state(models_service, 23, "END")
    numbers = list(_states(models_service))
    assert numbers == sorted(numbers, reverse=True)
    kind = get_model_status_pb2.ModelVersionStatus
    response = models_service.GetModelStatus(build_status(_MODEL, 23))
    assert response.model_version_status[0].state == kind.END


def test_v09_v10_paths_without_versions(models_dir, models_service, prediction):
    base_path = models_dir / _MODEL
    aside = models_dir / "growing-aside"
    # Missing: nothing is unloaded.
    base_path.rename(aside)
    try:
        assert _ask(prediction)[0] == 1
        # There, but empty: everything is unloaded.
        base_path.mkdir()
        _await_state(models_service, 1, "END")
        code = None
        try:
            _ask(prediction)
        except grpc.RpcError as error:
            code = error.code()
        assert code is grpc.StatusCode.NOT_FOUND
    finally:
        base_path.rmdir()
        aside.rename(base_path)
        wait_until(lambda: _alive(models_service) == {1: "AVAILABLE"})
