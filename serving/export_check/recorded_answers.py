"""Answers of one environment in a file, to compare with another environment.

The file holds one JSON object a line: `request`, and either `response` or
`refusal`, the number of the status code and its message. Requests and
responses are messages in base64.
"""

import base64
import dataclasses
import json
from collections import Counter
from pathlib import Path

import numpy as np
from google.protobuf.message import Message

from serving.export_check.sample_requests import build_sample_requests
from serving.model_server.inference.predict import run_predict
from serving.model_server.serving_error import ServingError
from serving.model_server.versions.loaded_model import LoadedModel
from serving.protos import predict_pb2
from serving.tensors import decode_tensor

_Answer = predict_pb2.PredictResponse | ServingError

# Allows for two releases that add the terms of a sum in another order.
_RELATIVE_TOLERANCE = 1e-4
_ABSOLUTE_TOLERANCE = 1e-5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Comparison:
    """Result of a comparison.

    Attributes:
        num_answers: by signature.
        num_refusals: by signature; generated requests only.
        differences: one line each; empty = the same answers.
    """

    num_answers: dict[str, int]
    num_refusals: dict[str, int]
    differences: list[str]


def record_answers(export: Path, file: Path) -> int:
    """Calls every signature and writes its answers.

    A generated request may be refused; then the refusal is recorded. A warm-up
    request may not: it would make the load fail.

    Returns:
        The number of requests.

    Raises:
        ServingError: the export does not load, or refused a warm-up request.
    """
    model = LoadedModel(export)
    samples = build_sample_requests(export, model.signatures)
    lines = []
    for sample in samples:
        answer = _ask(model, sample.request)
        if sample.is_warm_up and isinstance(answer, ServingError):
            raise answer
        lines.append(_format_record(sample.request, answer))
    file.write_text("".join(f"{line}\n" for line in lines))
    model.close()
    return len(samples)


def compare_answers(export: Path, file: Path) -> Comparison:
    """Repeats the requests and compares the answers.

    Texts, whole numbers, shapes and the codes of refusals must be equal;
    floats may differ by rounding.

    Raises:
        ServingError: the export does not load.
    """
    model = LoadedModel(export)
    num_answers, num_refusals, differences = Counter(), Counter(), []
    for line in file.read_text().splitlines():
        request, recorded = _parse_record(line)
        name = request.model_spec.signature_name
        answer = _ask(model, request)
        is_refused = isinstance(answer, ServingError)
        (num_refusals if is_refused else num_answers)[name] += 1
        differences += [
            f"{name}, {difference}" for difference in _compare(recorded, answer)
        ]
    model.close()
    return Comparison(
        num_answers=dict(num_answers),
        num_refusals=dict(num_refusals),
        differences=differences,
    )


def _ask(model: LoadedModel, request: predict_pb2.PredictRequest) -> _Answer:
    try:
        return run_predict(model, 0, request)
    except ServingError as error:
        return error


def _format_record(request: predict_pb2.PredictRequest, answer: _Answer) -> str:
    record = {"request": _encode(request)}
    if isinstance(answer, ServingError):
        record["refusal"] = [answer.code_number, answer.message]
    else:
        record["response"] = _encode(answer)
    return json.dumps(record)


def _parse_record(line: str) -> tuple[predict_pb2.PredictRequest, _Answer]:
    record = json.loads(line)
    request = predict_pb2.PredictRequest.FromString(
        base64.b64decode(record["request"])
    )
    if "refusal" in record:
        return request, ServingError.from_number(*record["refusal"])
    return request, predict_pb2.PredictResponse.FromString(
        base64.b64decode(record["response"])
    )


def _encode(message: Message) -> str:
    # Not as JSON: protobuf rounds the lowest float32 to one that it refuses.
    return base64.b64encode(message.SerializeToString()).decode()


def _compare(recorded: _Answer, answer: _Answer) -> list[str]:
    if isinstance(recorded, ServingError) or isinstance(answer, ServingError):
        codes = [_get_code_name(a) for a in (recorded, answer)]
        if codes[0] == codes[1]:
            return []
        return [f"status: {codes[0]} recorded, {codes[1]} here"]
    if set(recorded.outputs) != set(answer.outputs):
        return [
            f"outputs: {sorted(recorded.outputs)} recorded, "
            f"{sorted(answer.outputs)} here"
        ]
    lines = []
    for alias in sorted(answer.outputs):
        difference = _describe_difference(
            decode_tensor(recorded.outputs[alias]),
            decode_tensor(answer.outputs[alias]),
        )
        if difference:
            lines.append(f"output {alias}: {difference}")
    return lines


def _get_code_name(answer: _Answer) -> str:
    return answer.code.name if isinstance(answer, ServingError) else "OK"


def _describe_difference(recorded: np.ndarray, here: np.ndarray) -> str:
    """Says what differs; empty = nothing."""
    if recorded.dtype != here.dtype or recorded.shape != here.shape:
        return (
            f"{recorded.dtype}{list(recorded.shape)} recorded, "
            f"{here.dtype}{list(here.shape)} here"
        )
    if not np.issubdtype(here.dtype, np.floating):
        num = int(np.sum(recorded != here))
        return f"{num} of {here.size} values differ" if num else ""
    is_close = np.isclose(
        recorded,
        here,
        rtol=_RELATIVE_TOLERANCE,
        atol=_ABSOLUTE_TOLERANCE,
        equal_nan=True,
    )
    if is_close.all():
        return ""
    worst = np.max(np.abs(recorded - here)[~is_close])
    return f"{int(np.sum(~is_close))} of {here.size} values differ by {worst}"
