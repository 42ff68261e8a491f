"""The rules P-* of the wire contract, asked over gRPC."""

import grpc
import numpy as np

from schemas import signatures
from serving.tensors import decode_tensor
from serving.tensors import encode_tensor
from tests.serving.requests import build_items_request
from tests.serving.requests import build_predict_request
from tests.serving.requests import build_recommend_request
from tests.serving.requests import read_refusal

_INVALID = grpc.StatusCode.INVALID_ARGUMENT
_NOT_FOUND = grpc.StatusCode.NOT_FOUND


def test_p01_empty_signature_name_is_serving_default(predict):
    inputs = {"examples": np.array([b"12345"], object)}
    response = predict(build_predict_request("", inputs))
    assert decode_tensor(response.outputs["rank"]).tolist() == [5.0]
    assert response.model_spec.signature_name == "serving_default"


def test_p02_answer_names_model_signature_and_version(predict):
    request = build_items_request()
    request.model_spec.version.value = 3
    spec = predict(request).model_spec
    assert (spec.name, spec.signature_name) == ("tastemaker", "encode_items")
    assert spec.version.value == 3


def test_p03_lookup_comes_before_signature_before_inputs(predict):
    request = build_predict_request("nothing", {})
    assert read_refusal(predict, request)[0] is (
        grpc.StatusCode.FAILED_PRECONDITION
    )
    request.model_spec.name = "m"
    assert read_refusal(predict, request)[0] is _NOT_FOUND


def test_p03_inputs_come_before_the_output_filter(predict):
    request = build_items_request()
    del request.inputs["title"]
    request.output_filter.append("nothing")
    assert "input size" in read_refusal(predict, request)[1]


def test_p05_unknown_signature(predict):
    request = build_predict_request("nothing", {})
    assert read_refusal(predict, request) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        'Serving signature key "nothing" not found.',
    )


def test_p06_too_few_inputs(predict):
    request = build_items_request()
    del request.inputs["title"]
    assert read_refusal(predict, request) == (
        _INVALID,
        "input size does not match signature: 2!=3 "
        "len({categories,description}) != "
        "len({categories,description,title}). "
        "Sent extra: {}. Missing but required: {title}.",
    )


def test_p06_too_many_inputs(predict):
    request = build_items_request()
    request.inputs["zebra"].CopyFrom(request.inputs["title"])
    assert read_refusal(predict, request) == (
        _INVALID,
        "input size does not match signature: 4!=3 "
        "len({categories,description,title,zebra}) != "
        "len({categories,description,title}). "
        "Sent extra: {zebra}. Missing but required: {}.",
    )


def test_p08_right_count_but_wrong_name(predict):
    request = build_items_request()
    request.inputs["titel"].CopyFrom(request.inputs["title"])
    del request.inputs["title"]
    code, message = read_refusal(predict, request)
    assert code is _INVALID
    assert message.startswith("Signature input alias: title(feed name: ")
    assert "not found in request and no default value provided" in message


def test_p09_tensor_that_cannot_be_read(predict):
    request = build_items_request()
    request.inputs["title"].tensor_shape.dim[0].size = -1
    assert read_refusal(predict, request) == (
        _INVALID,
        "tensor parsing error: title",
    )


def test_p10_wrong_dtype(predict):
    request = build_items_request()
    request.inputs["title"].CopyFrom(encode_tensor(np.array([1.0])))
    code, message = read_refusal(predict, request)
    assert code is _INVALID
    # categories, description, title: the third fed tensor by name.
    assert message.startswith(
        "Expects arg[2] to be string but double is provided"
    )


def test_p11_wrong_shape_fails_in_the_first_op_that_minds(predict):
    request = build_recommend_request()
    request.inputs["k"].CopyFrom(encode_tensor(np.array([[[3]]], np.int32)))
    code, message = read_refusal(predict, request)
    assert code is _INVALID
    assert "\n\t [[{{" in message


def test_p11_shape_that_no_op_minds_succeeds(predict):
    request = build_items_request(("ab", "abc"))
    request.inputs["description"].CopyFrom(encode_tensor(np.array([b"x"])))
    embedding = predict(request).outputs["item_embedding"]
    assert decode_tensor(embedding)[:, 0].tolist() == [2.0, 3.0]


def test_p12_unknown_output(predict):
    request = build_recommend_request()
    request.output_filter.append("nothing")
    names = ",".join(sorted(signatures.OUTPUTS["recommend"]))
    assert read_refusal(predict, request) == (
        _INVALID,
        "output tensor alias not found in signature: nothing Outputs "
        f"expected to be in the set {{{names}}}.",
    )


def test_p12_repeated_output(predict):
    request = build_recommend_request()
    request.output_filter.extend(["score", "score"])
    assert read_refusal(predict, request) == (
        _INVALID,
        "duplicate output tensor alias: score",
    )


def test_p13_answer_holds_only_the_outputs_asked_for(predict):
    request = build_recommend_request()
    assert set(predict(request).outputs) == set(signatures.OUTPUTS["recommend"])
    request.output_filter.extend(["score", "item_id"])
    assert set(predict(request).outputs) == {"item_id", "score"}


def test_p14_outputs_are_typed_fields(predict):
    outputs = predict(build_recommend_request(k=4)).outputs
    assert len(outputs["score"].float_val) == 4
    assert len(outputs["item_id"].string_val) == 4
    assert len(outputs["history_positions"].int_val) == 12
    assert not any(proto.tensor_content for proto in outputs.values())
    assert [d.size for d in outputs["score"].tensor_shape.dim] == [1, 4]


def test_p15_inputs_may_come_as_tensor_content(predict):
    request = build_recommend_request()
    typed = predict(request)
    k = request.inputs["k"]
    k.ClearField("int_val")
    k.tensor_content = np.array([3], np.int32).tobytes()
    assert predict(request) == typed


def test_p15_one_value_fills_the_shape(predict):
    request = build_items_request(("abcd",))
    request.inputs["title"].tensor_shape.dim[0].size = 3
    embedding = predict(request).outputs["item_embedding"]
    assert decode_tensor(embedding)[:, 0].tolist() == [4.0, 4.0, 4.0]
