"""Descriptors of the gRPC services, for clients that use reflection.

The generated modules of the two services cannot be imported beside a current
protobuf, so that their descriptors are rebuilt here, in a pool of their own.

Source: tensorflow_serving/apis/{prediction_service,model_service}.proto.
"""

from google.protobuf import descriptor_pb2
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FileDescriptor

from serving.protos import classification_pb2
from serving.protos import get_model_metadata_pb2
from serving.protos import get_model_status_pb2
from serving.protos import inference_pb2
from serving.protos import model_management_pb2
from serving.protos import predict_pb2
from serving.protos import regression_pb2

_PACKAGE = "tensorflow.serving"
PREDICTION_SERVICE = f"{_PACKAGE}.PredictionService"
MODEL_SERVICE = f"{_PACKAGE}.ModelService"

# Service: (file, {method: (module, message before "Request"/"Response")}).
_SERVICES = {
    PREDICTION_SERVICE: (
        "tensorflow_serving/apis/prediction_service.proto",
        {
            "Classify": (classification_pb2, "Classification"),
            "Regress": (regression_pb2, "Regression"),
            "Predict": (predict_pb2, "Predict"),
            "MultiInference": (inference_pb2, "MultiInference"),
            "GetModelMetadata": (get_model_metadata_pb2, "GetModelMetadata"),
        },
    ),
    MODEL_SERVICE: (
        "tensorflow_serving/apis/model_service.proto",
        {
            "GetModelStatus": (get_model_status_pb2, "GetModelStatus"),
            "HandleReloadConfigRequest": (model_management_pb2, "ReloadConfig"),
        },
    ),
}


def build_service_pool(
    *others: FileDescriptor,
) -> descriptor_pool.DescriptorPool:
    """Builds a pool that describes both services.

    Args:
        *others: files that it describes too.
    """
    pool = descriptor_pool.DescriptorPool()
    seen = set()
    for file in others:
        _add(pool, file, seen)
    for full_name, (file_name, methods) in _SERVICES.items():
        proto = descriptor_pb2.FileDescriptorProto(
            name=file_name, package=_PACKAGE, syntax="proto3"
        )
        service = proto.service.add(name=full_name.rpartition(".")[2])
        for name, (module, stem) in methods.items():
            _add(pool, module.DESCRIPTOR, seen)
            proto.dependency.append(module.DESCRIPTOR.name)
            service.method.add(
                name=name,
                input_type=f".{_PACKAGE}.{stem}Request",
                output_type=f".{_PACKAGE}.{stem}Response",
            )
        pool.Add(proto)
    return pool


def _add(
    pool: descriptor_pool.DescriptorPool, file: FileDescriptor, seen: set[str]
) -> None:
    if file.name in seen:
        return
    seen.add(file.name)
    for dependency in file.dependencies:
        _add(pool, dependency, seen)
    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    pool.Add(proto)
