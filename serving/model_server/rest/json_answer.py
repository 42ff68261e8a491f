"""Tensors and results to the JSON of an answer.

Floats are the shortest text that reads back as the same number of their own
width, with a decimal part or an exponent, NaN and Infinity as bare words.
Strings go out byte for byte, also where they are no UTF-8, unless the
output's name ends in `_bytes`.

Source: tensorflow_serving/util/json_tensor.cc (SERVING rules R-28 to R-30).
"""

import base64
import json
import math
from collections.abc import Iterable
from collections.abc import Mapping

import numpy as np

from serving.model_server.rest.json_tensors import name_dtype
from serving.model_server.serving_error import ServingError
from serving.model_server.serving_error import invalid_argument
from serving.protos import meta_graph_pb2
from serving.protos import tensor_pb2
from serving.protos import types_pb2
from serving.tensors import decode_tensor

_BYTES_SUFFIX = "_bytes"
_KEEP_BYTES = "surrogateescape"
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_WRITABLE = {
    types_pb2.DT_FLOAT,
    types_pb2.DT_DOUBLE,
    types_pb2.DT_INT8,
    types_pb2.DT_INT16,
    types_pb2.DT_INT32,
    types_pb2.DT_INT64,
    types_pb2.DT_UINT8,
    types_pb2.DT_UINT32,
    types_pb2.DT_UINT64,
    types_pb2.DT_BOOL,
    types_pb2.DT_STRING,
}

_Tensors = Mapping[str, tensor_pb2.TensorProto]


def check_writable(outputs: Mapping[str, meta_graph_pb2.TensorInfo]) -> None:
    """Checks that JSON can hold every output of a signature.

    Raises:
        ServingError: an output is of a dtype such as half or complex.
    """
    for name in sorted(outputs):
        if outputs[name].dtype not in _WRITABLE:
            raise invalid_argument(
                "Failed to write JSON value for tensor type: "
                f"{name_dtype(outputs[name].dtype)}"
            )


def write_rows(outputs: _Tensors) -> bytes:
    """Writes `{"predictions": [...]}`, one element per row.

    Args:
        outputs: one tensor or more.

    Raises:
        ServingError: an output is a scalar, or they differ in rows.
    """
    arrays = {name: decode_tensor(outputs[name]) for name in sorted(outputs)}
    _check_rows(arrays)
    columns = {name: _write_each(name, array) for name, array in arrays.items()}
    if len(columns) == 1:
        ((_, rows),) = columns.items()
    else:
        keys = [_quote(name) for name in columns]
        rows = [
            "{"
            + ", ".join(
                f"{key}: {text}" for key, text in zip(keys, texts, strict=True)
            )
            + "}"
            for texts in zip(*columns.values(), strict=True)
        ]
    return _write_document("predictions", _write_list(rows))


def write_columns(outputs: _Tensors) -> bytes:
    """Writes `{"outputs": ...}`, one whole tensor per output.

    Args:
        outputs: one tensor or more.
    """
    texts = {}
    for name in sorted(outputs):
        array = decode_tensor(outputs[name])
        texts[name] = _write_each(name, array[np.newaxis])[0]
    if len(texts) == 1:
        ((_, text),) = texts.items()
    else:
        members = (f"{_quote(name)}: {text}" for name, text in texts.items())
        text = "{\n" + ",\n".join(members) + "\n}"
    return _write_document("outputs", text)


def write_classifications(
    classifications: Iterable[Iterable[tuple[str | bytes, float]]],
) -> bytes:
    """Writes `{"results": [[[label, score], ...], ...]}`.

    Args:
        classifications: for each example its labels and float32 scores.

    Raises:
        ServingError: there is none.
    """
    rows = []
    for pairs in classifications:
        pairs = list(pairs)
        scores = _write_numbers(np.array([s for _, s in pairs], np.float32))
        rows.append(
            _write_list(
                f"[{_quote(label)}, {score}]"
                for (label, _), score in zip(pairs, scores, strict=True)
            )
        )
    if not rows:
        raise _nothing("ClassificationResults")
    return _write_document("results", _write_list(rows))


def write_regressions(values: Iterable[float]) -> bytes:
    """Writes `{"results": [value, ...]}`.

    Args:
        values: float32, one per example.

    Raises:
        ServingError: there is none.
    """
    texts = _write_numbers(np.array(list(values), np.float32))
    if not texts:
        raise _nothing("RegressionResults")
    return _write_document("results", _write_list(texts))


def _nothing(kind: str) -> ServingError:
    return invalid_argument(f"Cannot convert empty {kind} to JSON")


def _check_rows(arrays: Mapping[str, np.ndarray]) -> None:
    num_rows = None
    for name, array in arrays.items():
        if not array.ndim:
            raise invalid_argument(
                f"Tensor name: {name} has no shape information "
            )
        if num_rows not in {None, len(array)}:
            raise invalid_argument(
                f"Tensor name: {name} has inconsistent batch size: "
                f"{len(array)} expecting: {num_rows}"
            )
        num_rows = len(array)


def _write_each(name: str, array: np.ndarray) -> list[str]:
    """Writes the slices of an array along its first axis."""
    if array.dtype == object:
        is_binary = name.endswith(_BYTES_SUFFIX)
        write = _write_base64 if is_binary else _quote
        texts = [write(value) for value in array.ravel().tolist()]
    else:
        texts = _write_numbers(array.ravel())
    for axis in range(array.ndim - 1, 0, -1):
        size, num_lists = array.shape[axis], math.prod(array.shape[:axis])
        texts = [
            _write_list(texts[start * size : (start + 1) * size])
            for start in range(num_lists)
        ]
    return texts


def _write_numbers(values: np.ndarray) -> list[str]:
    if values.dtype == np.bool_:
        return ["true" if value else "false" for value in values.tolist()]
    if values.dtype.kind != "f":
        return list(map(str, values.tolist()))
    texts = values.astype("U").tolist()
    if not np.isfinite(values).all():
        texts = [_NOT_FINITE.get(text, text) for text in texts]
    return texts


def _quote(text: str | bytes) -> str:
    if isinstance(text, bytes):
        text = text.decode("utf-8", _KEEP_BYTES)
    return json.dumps(text, ensure_ascii=False)


def _write_base64(value: bytes) -> str:
    return f'{{"b64": "{base64.b64encode(value).decode("ascii")}"}}'


def _write_list(texts: Iterable[str]) -> str:
    return f"[{', '.join(texts)}]"


def _write_document(key: str, text: str) -> bytes:
    document = f'{{\n    "{key}": {text}\n}}'
    return document.encode("utf-8", _KEEP_BYTES)
