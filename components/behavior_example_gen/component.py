"""BehaviorExampleGen: behaviour logs in, window examples out."""

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from pydantic import TypeAdapter
from tfx import types
from tfx.components.util import examples_utils
from tfx.dsl.components.base import base_beam_component
from tfx.dsl.components.base import base_beam_executor
from tfx.dsl.components.base import executor_spec
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils
from tfx.types import component_spec
from tfx.types import standard_artifacts

from components.behavior_example_gen import driver
from components.behavior_example_gen import outputs
from components.behavior_example_gen import transforms
from components.behavior_example_gen.reading import input_files
from components.behavior_example_gen.reading import readers
from components.behavior_example_gen.reading import typed_batches
from components.behavior_example_gen.split_config import ExampleGenConfig
from schemas import artifact_types
from schemas import events as names
from schemas.artifact_files import CATALOG_FILE


class BehaviorExampleGenSpec(component_spec.ComponentSpec):
    """Parameters and outputs of BehaviorExampleGen."""

    PARAMETERS = {
        "config": component_spec.ExecutionParameter(type=str),
        "span": component_spec.ExecutionParameter(type=int, optional=True),
        "code_version": component_spec.ExecutionParameter(type=str),
    }
    INPUTS = {}
    OUTPUTS = {
        "examples": component_spec.ChannelParameter(
            type=standard_artifacts.Examples
        ),
        "catalog": component_spec.ChannelParameter(type=artifact_types.Catalog),
        "rejects": component_spec.ChannelParameter(type=artifact_types.Rejects),
    }


class Executor(base_beam_executor.BaseBeamExecutor):
    """Reads the tables and writes the three artifacts."""

    def Do(self, input_dict, output_dict, exec_properties) -> None:  # noqa: N802
        """Runs the ingest; see BehaviorExampleGen.

        Raises:
            ValueError: a column is missing, too many rows were rejected, or
                nothing is left to train on.
        """
        del input_dict
        if not exec_properties.get(driver.FINGERPRINT):
            exec_properties |= driver.resolve_exec_properties(exec_properties)
        config = TypeAdapter(ExampleGenConfig).validate_json(
            exec_properties["config"]
        )
        files = input_files.list_files(config.dataset)
        for file in files:
            table = config.dataset.list_tables(file.table)[file.source]
            columns = typed_batches.wanted_columns(table)
            readers.check_header(file, table, columns)
        artifacts = {
            name: artifact_utils.get_single_instance(output_dict[name])
            for name in BehaviorExampleGenSpec.OUTPUTS
        }
        uris = {name: one.uri for name, one in artifacts.items()}
        ingest = transforms.IngestBehavior(config, files, uris)
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "ListFiles" >> beam.Create(files, reshuffle=False)
                | "IngestBehavior" >> ingest
            )
        _require_outputs(uris)
        _create_if_absent(uris["rejects"], outputs.REJECTS_FILE)
        _describe(artifacts, exec_properties)


class BehaviorExampleGen(base_beam_component.BaseBeamComponent):
    """Turns tables of behaviour into examples for training.

    Outputs:
        examples: gzip TFRecord of window examples (schemas/events.py) in
            the splits train, eval and test, divided by time.
        catalog: the items.
        rejects: the rows that could not be used, with reasons.
    """

    SPEC_CLASS = BehaviorExampleGenSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)
    DRIVER_CLASS = driver.BehaviorDriver

    def __init__(self, config: str, code_version: str, span: int | None = None):
        """Configures the component.

        Args:
            config: JSON of ExampleGenConfig: {"dataset": .., "splits": ..}.
            code_version: changes with the code, which the cache of TFX does not
                see.
            span: the span to read if paths have spans; None = the latest.
        """
        spec = BehaviorExampleGenSpec(
            config=config,
            code_version=code_version,
            span=span,
            examples=types.Channel(type=standard_artifacts.Examples),
            catalog=types.Channel(type=artifact_types.Catalog),
            rejects=types.Channel(type=artifact_types.Rejects),
        )
        super().__init__(spec=spec)


def _require_outputs(uris: dict[str, str]) -> None:
    """Raises ValueError if the run has nothing to publish."""
    excess = FileSystems.join(uris["rejects"], outputs.EXCESS_FILE)
    if FileSystems.exists(excess):
        with FileSystems.open(excess) as stream:
            raise ValueError(stream.read().decode())
    if not FileSystems.exists(FileSystems.join(uris["catalog"], CATALOG_FILE)):
        raise ValueError(
            "`items` must hold at least one row. Received: none. "
            "Remedy: correct `items.path`."
        )
    shards = FileSystems.join(uris["examples"], "Split-train", "*")
    if not FileSystems.match([shards])[0].metadata_list:
        raise ValueError(
            "the train split must hold at least one event. Received: none. "
            "Remedy: correct `events.path`, `fractions` or `cut_points`."
        )


def _create_if_absent(uri: str, name: str) -> None:
    path = FileSystems.join(uri, name)
    if not FileSystems.exists(path):
        FileSystems.create(path).close()


def _describe(artifacts: dict, exec_properties: dict) -> None:
    """Sets the properties that later nodes read."""
    span = exec_properties[driver.SPAN]
    examples = artifacts["examples"]
    examples.split_names = artifact_utils.encode_split_names(list(names.SPLITS))
    examples_utils.set_payload_format(
        examples, example_gen_pb2.FORMAT_TF_EXAMPLE
    )
    examples.set_string_custom_property(
        driver.FINGERPRINT, exec_properties[driver.FINGERPRINT]
    )
    # Resolvers over spans read the custom property.
    examples.set_int_custom_property(driver.SPAN, span)
    examples.set_int_custom_property(
        driver.VERSION, exec_properties[driver.VERSION]
    )
    examples.span = span
    artifacts["catalog"].set_int_custom_property(driver.SPAN, span)
