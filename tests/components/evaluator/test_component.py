"""The Evaluator decodes what it evaluates, and nothing else."""

import importlib.resources

import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.evaluator.component import narrow_schema
from components.evaluator.config import EvaluatorConfig
from components.evaluator.eval_config import build_eval_config
from schemas import events


def _load_schema():
    path = importlib.resources.files("schemas") / "schema.pbtxt"
    return text_format.Parse(path.read_text(), schema_pb2.Schema())


def _narrow(**settings):
    config = build_eval_config(EvaluatorConfig(**settings))
    narrow = narrow_schema(_load_schema(), config)
    return {feature.name for feature in narrow.feature}


def test_labels_weights_slices_and_user_stay_and_windows_go():
    assert _narrow() == {
        events.USER_ID,
        events.LABEL_VALUE,
        events.LABEL_VALUE_WEIGHT,
        events.LABEL_POSITIVE,
        events.HISTORY_BUCKET,
        events.ITEM_BUCKET,
    }


def test_feature_of_another_slice_stays():
    kept = _narrow(slice_features=(events.LABEL_EVENT_TYPE,))
    assert events.LABEL_EVENT_TYPE in kept
    assert events.HISTORY_BUCKET not in kept


def test_kept_features_and_domains_are_as_they_were():
    schema = _load_schema()
    before = {feature.name: feature for feature in schema.feature}
    narrow = narrow_schema(schema, build_eval_config(EvaluatorConfig()))
    assert all(feature == before[feature.name] for feature in narrow.feature)
    assert narrow.string_domain == schema.string_domain
    assert len(before) == len(schema.feature) > len(narrow.feature)


def test_sensitive_attribute_can_be_sliced_by():
    kept = _narrow(slice_features=("user_sensitive_sex",))
    assert "user_sensitive_sex" in kept


def test_slice_by_no_feature_is_refused():
    with pytest.raises(ValueError, match=r"Received: sx\."):
        _narrow(slice_features=("sx",))
