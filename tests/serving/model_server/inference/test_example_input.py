import pytest

from serving.model_server.inference.example_input import read_examples
from serving.model_server.serving_error import ServingError
from serving.protos import example_pb2
from serving.protos import input_pb2
from tests.serving.conformance.requests import build_example
from tests.serving.conformance.requests import build_input


def test_c01_examples_are_serialised():
    first, second = build_example(x=1.0), build_example(x=2.0)
    assert read_examples(build_input(first, second)).tolist() == [
        first.SerializeToString(),
        second.SerializeToString(),
    ]


def test_c01_context_and_example_are_one_message():
    proto = build_input(build_example(x=1.0), context=build_example(y=2.0))
    (text,) = read_examples(proto)
    features = example_pb2.Example.FromString(text).features.feature
    assert set(features) == {"x", "y"}


def test_c06_no_example_is_refused():
    with pytest.raises(ServingError, match=r"^Input is empty\.$"):
        read_examples(input_pb2.Input())
