"""The Evaluator decodes what it evaluates, and nothing else."""

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from components.evaluator.config import EvaluatorConfig
from components.evaluator.eval_config import build_eval_config
from pipeline.narrow_evaluator import narrow_schema
from schemas import events


def _load_schema(repository):
    text = (repository / "schemas" / "schema.pbtxt").read_text()
    return text_format.Parse(text, schema_pb2.Schema())


def _narrow(repository, **settings):
    config = build_eval_config(EvaluatorConfig(**settings))
    narrow = narrow_schema(_load_schema(repository), config)
    return {feature.name for feature in narrow.feature}


def test_labels_weights_and_slices_stay_and_windows_go(repository):
    assert _narrow(repository) == {
        events.LABEL_VALUE,
        events.LABEL_VALUE_WEIGHT,
        events.LABEL_POSITIVE,
        events.HISTORY_BUCKET,
        events.ITEM_BUCKET,
    }


def test_feature_of_another_slice_stays(repository):
    kept = _narrow(repository, slice_features=(events.LABEL_EVENT_TYPE,))
    assert events.LABEL_EVENT_TYPE in kept
    assert events.HISTORY_BUCKET not in kept


def test_kept_features_and_domains_are_as_they_were(repository):
    schema = _load_schema(repository)
    before = {feature.name: feature for feature in schema.feature}
    narrow = narrow_schema(schema, build_eval_config(EvaluatorConfig()))
    assert all(feature == before[feature.name] for feature in narrow.feature)
    assert narrow.string_domain == schema.string_domain
    assert len(before) == len(schema.feature) > len(narrow.feature)
