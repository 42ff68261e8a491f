"""TensorFlow's and TF Serving's messages and stubs, without TensorFlow.

`tensorflow_serving.apis` needs nothing but the generated modules below
`tensorflow/core` and `tensorflow/compiler`, which are plain protobuf. But
importing one of them first runs `tensorflow/__init__.py`, about 20 s and 600 MB
that a gateway does not need. So while the stubs are imported, an empty package
with TensorFlow's search path replaces it; the generated modules stay in
`sys.modules` under their own names, and a later `import tensorflow` finds and
shares them. If TensorFlow is already imported, nothing is replaced. One rule:
don't import TensorFlow in another thread while this module is being imported
for the first time.
"""

import contextlib
import importlib.util
import sys
import types
from collections.abc import Iterator

_PACKAGE = "tensorflow"


@contextlib.contextmanager
def _without_tensorflow_init() -> Iterator[None]:
    if _PACKAGE in sys.modules:
        yield
        return
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None:  # let the import below name the missing package
        yield
        return
    stand_in = types.ModuleType(_PACKAGE)
    stand_in.__path__ = list(spec.submodule_search_locations)
    sys.modules[_PACKAGE] = stand_in
    try:
        yield
    finally:
        del sys.modules[_PACKAGE]


with _without_tensorflow_init():
    from tensorflow.core.example import example_pb2
    from tensorflow.core.example import feature_pb2
    from tensorflow.core.framework import graph_pb2
    from tensorflow.core.framework import node_def_pb2
    from tensorflow.core.framework import tensor_pb2
    from tensorflow.core.framework import types_pb2
    from tensorflow.core.protobuf import meta_graph_pb2
    from tensorflow.core.protobuf import saved_model_pb2
    from tensorflow_serving.apis import classification_pb2
    from tensorflow_serving.apis import get_model_metadata_pb2
    from tensorflow_serving.apis import get_model_status_pb2
    from tensorflow_serving.apis import inference_pb2
    from tensorflow_serving.apis import input_pb2
    from tensorflow_serving.apis import model_management_pb2
    from tensorflow_serving.apis import model_pb2
    from tensorflow_serving.apis import model_service_pb2_grpc
    from tensorflow_serving.apis import predict_pb2
    from tensorflow_serving.apis import prediction_log_pb2
    from tensorflow_serving.apis import prediction_service_pb2_grpc
    from tensorflow_serving.apis import regression_pb2
    from tensorflow_serving.apis import status_pb2
    from tensorflow_serving.config import file_system_storage_path_source_pb2
    from tensorflow_serving.config import model_server_config_pb2

__all__ = [
    "classification_pb2",
    "example_pb2",
    "feature_pb2",
    "file_system_storage_path_source_pb2",
    "get_model_metadata_pb2",
    "get_model_status_pb2",
    "graph_pb2",
    "inference_pb2",
    "input_pb2",
    "meta_graph_pb2",
    "model_management_pb2",
    "model_pb2",
    "model_server_config_pb2",
    "model_service_pb2_grpc",
    "node_def_pb2",
    "predict_pb2",
    "prediction_log_pb2",
    "prediction_service_pb2_grpc",
    "regression_pb2",
    "saved_model_pb2",
    "status_pb2",
    "tensor_pb2",
    "types_pb2",
]
