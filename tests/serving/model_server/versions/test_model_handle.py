from serving.model_server.versions.loaded_model import LoadedModel
from serving.model_server.versions.model_handle import ModelHandle


def test_model_is_drained_only_after_its_last_user_left(half_plus_two):
    handle = ModelHandle(LoadedModel(half_plus_two), 1)
    assert handle.acquire()
    assert handle.acquire()
    handle.retire()
    handle.release()
    assert not handle.is_drained()
    handle.release()
    assert handle.is_drained()
    handle.model.close()


def test_retired_model_takes_no_new_user(half_plus_two):
    handle = ModelHandle(LoadedModel(half_plus_two), 1)
    handle.retire()
    assert not handle.acquire()
    assert handle.is_drained()
    handle.model.close()


def test_model_in_service_is_not_drained(half_plus_two):
    handle = ModelHandle(LoadedModel(half_plus_two), 1)
    assert not handle.is_drained()
    handle.model.close()
