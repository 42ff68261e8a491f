import grpc
import pytest

from serving.model_server.serving_error import CatchErrors
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.model_server.serving_error import truncate_message


def test_tensorflow_numbers_are_grpc_codes():
    error = ServingError.from_number(3, "no")  # INVALID_ARGUMENT in both
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.code_number == 3


def test_unknown_number_is_unknown():
    assert ServingError.from_number(99, "no").code is grpc.StatusCode.UNKNOWN


def test_messages_are_cut_after_1024_characters():
    assert truncate_message("x" * 1024) == "x" * 1024
    assert truncate_message("x" * 1025) == "x" * 1024 + "...TRUNCATED"


def test_block_without_an_error_catches_none():
    with CatchErrors("resting") as caught:
        pass
    assert caught.error is None


def test_serving_error_is_held_as_it_is(caplog):
    error = invalid_argument("no")
    with CatchErrors("asking") as caught:
        raise error
    assert caught.error is error
    assert caplog.text == ""


def test_error_nobody_expected_is_internal_and_logged_whole(caplog):
    with CatchErrors("dividing") as caught:
        _ = 1 // len("")
    assert caught.error.code is grpc.StatusCode.INTERNAL
    assert caught.error.message.startswith("ZeroDivisionError: ")
    assert "Unexpected error: dividing" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_wish_to_end_the_process_passes(kind):
    with pytest.raises(kind), CatchErrors("serving"):
        raise kind
