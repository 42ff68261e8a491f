"""The examples of a Classify, Regress or MultiInference request.

Source: tensorflow_serving/servables/tensorflow/util.cc:166-204 (SERVING
rules C-01, C-06).
"""

import numpy as np

from serving.model_server.serving_error import invalid_argument
from serving.protos import input_pb2


def read_examples(proto: input_pb2.Input) -> np.ndarray:
    """Serialises the examples of a request.

    A context shared by all examples is put before each of them: two
    serialised messages in a row are one message with the fields of both.

    Returns:
        Object array `[B]` of bytes.

    Raises:
        ServingError: there is no example.
    """
    kind = proto.WhichOneof("kind")
    context = b""
    examples = ()
    if kind == "example_list":
        examples = proto.example_list.examples
    elif kind == "example_list_with_context":
        examples = proto.example_list_with_context.examples
        context = proto.example_list_with_context.context.SerializeToString()
    if not examples:
        raise invalid_argument("Input is empty.")
    array = np.empty(len(examples), object)
    array[:] = [context + e.SerializeToString() for e in examples]
    return array
