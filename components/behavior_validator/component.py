"""BehaviorValidator: what TFDV cannot see in behaviour data, and a gate.

A class and not a decorated function: the verdict needs the result of the Beam
pipeline, which a decorated function does not get.
"""

import json
import logging
import time
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

import apache_beam as beam
from pydantic import TypeAdapter
from tfx import types
from tfx.components.util import tfxio_utils
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.types import standard_artifacts
from tfx.types.component_spec import ChannelParameter
from tfx.types.component_spec import ComponentSpec
from tfx.types.component_spec import ExecutionParameter
from tfx.utils import io_utils
from typing_extensions import override

from components.behavior_validator.config import BehaviorValidatorConfig
from components.behavior_validator.report import render_html
from components.behavior_validator.report import render_json
from components.behavior_validator.schema_anomalies import tally_anomalies
from components.behavior_validator.tally import Tally
from components.behavior_validator.transforms import CountBehaviorFaults
from components.behavior_validator.verdict import apply_facts
from components.behavior_validator.verdict import judge
from components.behavior_validator.verdict import raise_if_stopped
from schemas.artifact_files import CATALOG_FILE
from schemas.artifact_types import BehaviorReport
from schemas.artifact_types import Catalog
from schemas.event_facts import EVENT_FACTS_FILE
from schemas.event_facts import EventFacts
from schemas.event_facts import load_event_facts

_BATCH_SIZE = 1024  # examples that are looked at together
_LOGGER = logging.getLogger(__name__)


class BehaviorValidatorSpec(ComponentSpec):
    """Inputs, outputs and parameters of BehaviorValidator."""

    PARAMETERS = {
        "config": ExecutionParameter(type=str),
        "code_version": ExecutionParameter(type=str),
    }
    INPUTS = {
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "catalog": ChannelParameter(type=Catalog),
        "anomalies": ChannelParameter(
            type=standard_artifacts.ExampleAnomalies, optional=True
        ),
    }
    OUTPUTS = {"report": ChannelParameter(type=BehaviorReport)}


class BehaviorValidatorExecutor(BaseBeamExecutor):
    """Counts, judges, reports; raises if a check says stop."""

    @override
    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        config = TypeAdapter(BehaviorValidatorConfig).validate_json(
            exec_properties["config"]
        )
        tallies = self._count_faults(input_dict, config)
        if input_dict.get("anomalies"):
            anomalies = artifact_utils.get_single_instance(
                input_dict["anomalies"]
            )
            tallies["schema_anomalies"] = tally_anomalies(anomalies)
        tallies = apply_facts(tallies, _read_facts(input_dict))
        verdicts = judge(tallies, config)
        raise_if_stopped(verdicts)
        for verdict in verdicts:
            if not verdict.ok:
                _LOGGER.warning(
                    "%s: %d of %d (share %.4g, allowed %.4g), for example %s",
                    verdict.description,
                    verdict.count,
                    verdict.population,
                    verdict.share,
                    verdict.threshold,
                    "; ".join(verdict.offenders),
                )
        folder = PurePosixPath(
            artifact_utils.get_single_uri(output_dict["report"])
        )
        io_utils.write_string_file(
            str(folder / "report.json"), render_json(verdicts)
        )
        io_utils.write_string_file(
            str(folder / "report.html"), render_html(verdicts)
        )

    def _count_faults(
        self,
        input_dict: dict[str, list[types.Artifact]],
        config: BehaviorValidatorConfig,
    ) -> dict[str, Tally]:
        examples = artifact_utils.get_single_instance(input_dict["examples"])
        catalog_uri = artifact_utils.get_single_uri(input_dict["catalog"])
        count_faults = CountBehaviorFaults(
            config,
            now=int(time.time()) if config.now is None else config.now,
            catalog_path=f"{catalog_uri}/{CATALOG_FILE}",
        )
        build_reader = tfxio_utils.get_tfxio_factory_from_artifact(
            [examples], telemetry_descriptors=["BehaviorValidator"]
        )
        tallies_path = f"{self._get_tmp_dir()}/tallies.jsonl"
        with self._make_beam_pipeline() as pipeline:
            splits = {}
            for split in artifact_utils.decode_split_names(
                examples.split_names
            ):
                uri = artifact_utils.get_split_uri([examples], split)
                reader = build_reader(io_utils.all_files_pattern(uri))
                splits[split] = pipeline | f"Read[{split}]" >> (
                    reader.BeamSource(batch_size=_BATCH_SIZE)
                )
            _ = (
                splits
                | "CountBehaviorFaults" >> count_faults
                | "EncodeTallies" >> beam.MapTuple(_encode_tally)
                | "WriteTallies"
                >> beam.io.WriteToText(tallies_path, shard_name_template="")
            )
        with fileio.open(tallies_path) as file:
            return dict(map(_decode_tally, file.read().splitlines()))


class BehaviorValidator(BaseBeamComponent):
    """Checks behaviour data and stops the run when it must not be used.

    Outputs:
        report: `BehaviorReport`. Later stages wait for it.
    """

    SPEC_CLASS = BehaviorValidatorSpec
    EXECUTOR_SPEC = BeamExecutorSpec(BehaviorValidatorExecutor)

    def __init__(
        self,
        *,
        examples: types.BaseChannel,
        catalog: types.BaseChannel,
        config: str,
        code_version: str,
        anomalies: types.BaseChannel | None = None,
    ):
        """Wires the component.

        Args:
            examples: `Examples` of user windows.
            catalog: `Catalog`.
            config: `BehaviorValidatorConfig` as JSON.
            code_version: makes the cache notice edited code.
            anomalies: `ExampleAnomalies`, ExampleValidator's output.
        """
        spec = BehaviorValidatorSpec(
            examples=examples,
            catalog=catalog,
            anomalies=anomalies,
            config=config,
            code_version=code_version,
            report=types.Channel(type=BehaviorReport),
        )
        super().__init__(spec=spec)


def _read_facts(
    input_dict: dict[str, list[types.Artifact]],
) -> EventFacts | None:
    uri = artifact_utils.get_single_uri(input_dict["examples"])
    path = f"{uri}/{EVENT_FACTS_FILE}"
    if not fileio.exists(path):
        return None
    with fileio.open(path) as file:
        return load_event_facts(file.read())


def _encode_tally(check: str, tally: Tally) -> str:
    return json.dumps([check, asdict(tally)])


def _decode_tally(line: str) -> tuple[str, Tally]:
    check, fields = json.loads(line)
    offenders = tuple(fields.pop("offenders"))
    return check, Tally(**fields, offenders=offenders)
