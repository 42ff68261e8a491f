"""TFX's Evaluator, which decodes only the features that it needs.

TFMA splits every feature of a batch into single examples, one small ragged
tensor at a time, and windows have many. The model reads the serialized
example, so that only labels, weights, slices and user ids need decoding.

Source: tensorflow_model_analysis/utils/util.py, `split_extracts`, TFMA 0.52.
"""

from pathlib import Path
from typing import Any

from google.protobuf import json_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_model_analysis.proto import config_pb2
from tfx import types
from tfx.components import Evaluator
from tfx.components.evaluator import executor
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.types import artifact_utils
from tfx.types import standard_artifacts
from tfx.types import standard_component_specs
from tfx.utils import io_utils

from components.evaluator.evaluation import write_figures
from schemas import events

_SCHEMA_FILE = "schema.pbtxt"
_ATTRIBUTE_PREFIXES = (
    events.USER_ATTRIBUTE_PREFIX,
    events.SENSITIVE_ATTRIBUTE_PREFIX,
)


class NarrowEvaluatorExecutor(executor.Executor):
    """Passes the schema on with only the evaluated features.

    Beside TFMA's records it leaves the figures, see `figures`.
    """

    def Do(  # noqa: N802  (name in TFX)
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        eval_config = json_format.Parse(
            exec_properties[standard_component_specs.EVAL_CONFIG_KEY],
            config_pb2.EvalConfig(),
        )
        schema_key = standard_component_specs.SCHEMA_KEY
        folder = Path(artifact_utils.get_single_uri(input_dict[schema_key]))
        schema = io_utils.SchemaReader().read(str(folder / _SCHEMA_FILE))
        narrow = standard_artifacts.Schema()
        narrow.uri = self._get_tmp_dir()
        io_utils.write_pbtxt_file(
            str(Path(narrow.uri) / _SCHEMA_FILE),
            narrow_schema(schema, eval_config),
        )
        inputs = input_dict | {schema_key: [narrow]}
        super().Do(inputs, output_dict, exec_properties)
        evaluation = output_dict[standard_component_specs.EVALUATION_KEY]
        write_figures(artifact_utils.get_single_uri(evaluation))


class NarrowEvaluator(Evaluator):
    """Takes what TFX's Evaluator takes; `schema` must be given."""

    EXECUTOR_SPEC = BeamExecutorSpec(NarrowEvaluatorExecutor)


def narrow_schema(
    schema: schema_pb2.Schema, eval_config: config_pb2.EvalConfig
) -> schema_pb2.Schema:
    """Keeps the features that an evaluation refers to.

    Args:
        schema: of the examples.
        eval_config: labels, weights and slices.

    Returns:
        A copy with fewer features, and everything else as it was. The user id
        is always kept, because `num_users` counts them. User
        attributes differ from dataset to dataset and are in no curated
        schema; those that are sliced by are taken to be text.

    Raises:
        ValueError: a slice names a feature that examples do not have.
    """
    wanted = {events.USER_ID}  # `num_users` counts them
    for model in eval_config.model_specs:
        wanted |= {model.label_key, *model.label_keys.values()}
        wanted |= {model.example_weight_key}
        wanted |= {*model.example_weight_keys.values()}
    for slicing in eval_config.slicing_specs:
        wanted |= {*slicing.feature_keys, *slicing.feature_values}
    wanted.discard("")
    kept = schema_pb2.Schema()
    kept.CopyFrom(schema)
    del kept.feature[:]
    kept.feature.extend(f for f in schema.feature if f.name in wanted)
    for name in sorted(wanted - {f.name for f in schema.feature}):
        if not name.startswith(_ATTRIBUTE_PREFIXES):
            raise ValueError(
                "`slice_features` must name features of the examples or"
                f" {' or '.join(f'{p}<name>' for p in _ATTRIBUTE_PREFIXES)}."
                f" Received: {name}."
            )
        kept.feature.add(name=name, type=schema_pb2.BYTES)
    return kept
