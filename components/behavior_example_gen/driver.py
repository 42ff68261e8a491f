"""Resolves the span before the cache is read, as TFX's ExampleGen does."""

import dataclasses

from pydantic import TypeAdapter
from tfx.dsl.components.base import base_driver
from tfx.orchestration import data_types_utils
from tfx.orchestration.portable import base_driver as portable_base_driver
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import driver_output_pb2

from components.behavior_example_gen.pseudonyms import load_key
from components.behavior_example_gen.pseudonyms import pseudonymise
from components.behavior_example_gen.reading import input_files
from components.behavior_example_gen.reading import spans
from components.behavior_example_gen.split_config import ExampleGenConfig

FINGERPRINT = "input_fingerprint"
SPAN = "span"
VERSION = "version"


def resolve_exec_properties(exec_properties: dict) -> dict:
    """Resolves which files are read.

    Args:
        exec_properties: `config` (JSON of ExampleGenConfig) and optionally
            `span`.

    Returns:
        `config` with plain globs, `span`, `version` and the content
        `input_fingerprint`.

    Raises:
        ValueError: no file belongs to the span.
        FileNotFoundError: a table has no file.
    """
    adapter = TypeAdapter(ExampleGenConfig)
    config = adapter.validate_json(exec_properties["config"])
    dataset, span, version = spans.resolve_spans(
        config.dataset, exec_properties.get(SPAN)
    )
    resolved = dataclasses.replace(config, dataset=dataset)
    fingerprint = input_files.fingerprint(input_files.list_files(dataset))
    key = load_key(dataset.pseudonymise_key_file)
    if key:
        fingerprint += pseudonymise(["key"], key)[0]
    return {
        "config": adapter.dump_json(resolved).decode(),
        SPAN: span,
        VERSION: version,
        FINGERPRINT: fingerprint,
    }


class BehaviorDriver(base_driver.BaseDriver, portable_base_driver.BaseDriver):
    """Driver that makes changed files a cache miss.

    Local runners call `run` before they read the cache; without a driver
    (Kubeflow), the executor resolves the files itself.
    """

    def __init__(self, metadata_handle):
        base_driver.BaseDriver.__init__(self, metadata_handle)
        portable_base_driver.BaseDriver.__init__(self, metadata_handle)

    def run(
        self, execution_info: data_types.ExecutionInfo
    ) -> driver_output_pb2.DriverOutput:
        """Returns the resolved parameters, which enter the cache key."""
        output = driver_output_pb2.DriverOutput()
        resolved = resolve_exec_properties(execution_info.exec_properties)
        for name, value in resolved.items():
            data_types_utils.set_metadata_value(
                output.exec_properties[name], value
            )
        return output
