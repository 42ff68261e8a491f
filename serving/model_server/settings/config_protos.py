"""Text protos of TF Serving that the tensorflow-serving-api wheel lacks.

`BatchingParameters` (servables/tensorflow/session_bundle_config.proto),
`MonitoringConfig` (config/monitoring_config.proto) and `SSLConfig`
(config/ssl_config.proto) are built at run time, in a pool of their own: a later
wheel that has them does not conflict. Only field names matter to the text
format; the numbers are those of TF Serving, too.
"""

from pathlib import Path
from typing import TypeVar

from google.protobuf import descriptor_pb2
from google.protobuf import descriptor_pool
from google.protobuf import message_factory
from google.protobuf import text_format
from google.protobuf import wrappers_pb2
from google.protobuf.message import Message

from serving.model_server.serving_error import invalid_argument
from serving.model_server.serving_error import not_found

_Message = TypeVar("_Message", bound=Message)

_PACKAGE = "tensorflow.serving"
_BOOL = "bool"
_STRING = "string"
_INT64 = "int64"
_INT64_VALUE = "google.protobuf.Int64Value"
_BOOL_VALUE = "google.protobuf.BoolValue"
_STRING_VALUE = "google.protobuf.StringValue"

# Message: field: (number, type); a type in brackets is repeated.
_MESSAGES = {
    "BatchingParameters": {
        "max_batch_size": (1, _INT64_VALUE),
        "batch_timeout_micros": (2, _INT64_VALUE),
        "max_enqueued_batches": (3, _INT64_VALUE),
        "num_batch_threads": (4, _INT64_VALUE),
        "thread_pool_name": (5, _STRING_VALUE),
        "allowed_batch_sizes": (6, [_INT64]),
        "pad_variable_length_inputs": (7, _BOOL),
        "enable_large_batch_splitting": (8, _BOOL_VALUE),
        "max_execution_batch_size": (9, _INT64_VALUE),
    },
    "PrometheusConfig": {"enable": (1, _BOOL), "path": (2, _STRING)},
    "MonitoringConfig": {
        "prometheus_config": (1, f"{_PACKAGE}.PrometheusConfig")
    },
    "SSLConfig": {
        "server_key": (1, _STRING),
        "server_cert": (2, _STRING),
        "custom_ca": (3, _STRING),
        "client_verify": (4, _BOOL),
    },
}
_SCALARS = {
    _BOOL: descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
    _STRING: descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    _INT64: descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
}


def _build_file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="serving/model_server/config_protos.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
    )
    for message_name, fields in _MESSAGES.items():
        message = file.message_type.add(name=message_name)
        for name, (number, kind) in fields.items():
            field = message.field.add(name=name, number=number)
            is_repeated = isinstance(kind, list)
            field.label = (
                field.LABEL_REPEATED if is_repeated else field.LABEL_OPTIONAL
            )
            kind = kind[0] if is_repeated else kind
            if kind in _SCALARS:
                field.type = _SCALARS[kind]
            else:
                field.type = field.TYPE_MESSAGE
                field.type_name = f".{kind}"
    return file


def _build_classes() -> dict[str, type[Message]]:
    pool = descriptor_pool.DescriptorPool()
    wrappers = descriptor_pb2.FileDescriptorProto()
    wrappers_pb2.DESCRIPTOR.CopyToProto(wrappers)
    pool.Add(wrappers)
    pool.Add(_build_file())
    return {
        name: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")
        )
        for name in _MESSAGES
    }


_CLASSES = _build_classes()
BatchingParameters = _CLASSES["BatchingParameters"]
MonitoringConfig = _CLASSES["MonitoringConfig"]
SSLConfig = _CLASSES["SSLConfig"]


def parse_text_proto(text: str, message: _Message, source: str) -> _Message:
    """Fills a message from the text format and returns it.

    Args:
        text: the text.
        message: an empty message of the wanted kind.
        source: what the error calls the text, such as the file's path.

    Raises:
        ServingError: `INVALID_ARGUMENT`, with TF Serving's own text and then
            the parser's reason.
    """
    try:
        return text_format.Parse(text, message)
    except text_format.ParseError as error:
        raise invalid_argument(
            f"Invalid protobuf file: '{source}' ({error})"
        ) from error


def read_text_proto(path: str | Path, message: _Message) -> _Message:
    """Fills a message from a file in the text format and returns it.

    Raises:
        ServingError: the file cannot be read or parsed.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise invalid_argument(f"Invalid protobuf file: '{path}'") from error
    except OSError as error:
        raise not_found(f"{path}; {error.strerror}") from error
    return parse_text_proto(text, message, str(path))
