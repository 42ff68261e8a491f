"""ItemEncoder: catalogue in, text vectors of its items out."""

import logging

import apache_beam as beam
from pydantic import TypeAdapter
from tfx import types
from tfx.dsl.components.base import base_beam_component
from tfx.dsl.components.base import base_beam_executor
from tfx.dsl.components.base import executor_spec
from tfx.types import artifact_utils
from tfx.types import component_spec

from components.item_encoder import transforms
from components.item_encoder.config import VectorStoreConfig
from components.item_encoder.vector_store import prune
from schemas import artifact_types
from trainer.config import TextBackboneConfig

_LOGGER = logging.getLogger(__name__)


class ItemEncoderSpec(component_spec.ComponentSpec):
    """Parameters, input and output of ItemEncoder."""

    PARAMETERS = {
        "config": component_spec.ExecutionParameter(type=str),
        "store_uri": component_spec.ExecutionParameter(type=str),
        "store_config": component_spec.ExecutionParameter(type=str),
        "code_version": component_spec.ExecutionParameter(type=str),
    }
    INPUTS = {
        "catalog": component_spec.ChannelParameter(type=artifact_types.Catalog)
    }
    OUTPUTS = {
        "item_vectors": component_spec.ChannelParameter(
            type=artifact_types.ItemVectors
        )
    }


class Executor(base_beam_executor.BaseBeamExecutor):
    """Encodes texts that are not in the store, and writes ItemVectors."""

    def Do(self, input_dict, output_dict, exec_properties) -> None:  # noqa: N802
        """Runs the encoding; see ItemEncoder.

        Raises:
            ValueError: the preset does not exist or the catalogue is empty.
        """
        catalog = artifact_utils.get_single_instance(input_dict["catalog"])
        vectors = artifact_utils.get_single_instance(
            output_dict["item_vectors"]
        )
        config = TypeAdapter(TextBackboneConfig).validate_json(
            exec_properties["config"]
        )
        store_config = TypeAdapter(VectorStoreConfig).validate_json(
            exec_properties["store_config"]
        )
        encode = transforms.EncodeItems(
            config, exec_properties["store_uri"], vectors.uri, store_config
        )
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "NameCatalog" >> beam.Create([catalog.uri], reshuffle=False)
                | "EncodeItems" >> encode
            )
        counts = _read_counters(pipeline.result)
        for name, count in counts.items():
            vectors.set_int_custom_property(name, count)
        _LOGGER.info(
            "ItemEncoder: %d items reused from the store, %d texts encoded.",
            counts[transforms.NUM_REUSED],
            counts[transforms.NUM_ENCODED],
        )
        removed = prune(exec_properties["store_uri"], store_config)
        if removed:
            _LOGGER.info("ItemEncoder: %d old parts removed.", removed)


class ItemEncoder(base_beam_component.BaseBeamComponent):
    """Encodes the text of every item of the catalogue with the backbone.

    Vectors are kept in a store between runs, by text and by backbone: the
    next run encodes only items whose text, or whose backbone, has changed.
    What no run has used for long leaves the store.

    Outputs:
        item_vectors: see `schemas.artifact_types.ItemVectors`; the custom
            properties `num_reused_items` and `num_encoded_texts` say what this
            run took from the store.
    """

    SPEC_CLASS = ItemEncoderSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self,
        catalog: types.BaseChannel,
        config: str,
        store_uri: str,
        code_version: str,
        store_config: str = "{}",
    ):
        """Configures the component.

        Args:
            catalog: the items.
            config: JSON of TextBackboneConfig.
            store_uri: folder of the vectors, kept between runs.
            code_version: changes with the code, which the cache of TFX does not
                see.
            store_config: JSON of VectorStoreConfig.
        """
        spec = ItemEncoderSpec(
            catalog=catalog,
            config=config,
            store_uri=store_uri,
            store_config=store_config,
            code_version=code_version,
            item_vectors=types.Channel(type=artifact_types.ItemVectors),
        )
        super().__init__(spec=spec)


def _read_counters(result: beam.runners.runner.PipelineResult) -> dict:
    found = result.metrics().query(
        beam.metrics.MetricsFilter().with_namespace(
            transforms.METRICS_NAMESPACE
        )
    )
    counts = {transforms.NUM_REUSED: 0, transforms.NUM_ENCODED: 0}
    for counter in found["counters"]:
        counts[counter.key.metric.name] = counter.result
    return counts
