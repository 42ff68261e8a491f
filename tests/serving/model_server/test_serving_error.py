import grpc

from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import truncate_message


def test_tensorflow_numbers_are_grpc_codes():
    error = ServingError.from_number(3, "no")  # INVALID_ARGUMENT in both
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert error.code_number == 3


def test_unknown_number_is_unknown():
    assert ServingError.from_number(99, "no").code is grpc.StatusCode.UNKNOWN


def test_g02_messages_are_cut_after_1024_characters():
    assert truncate_message("x" * 1024) == "x" * 1024
    assert truncate_message("x" * 1025) == "x" * 1024 + "...TRUNCATED"
