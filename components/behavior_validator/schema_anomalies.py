"""Counts what ExampleValidator found against the schema."""

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx import types
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.utils import io_utils

from components.behavior_validator.tally import Tally
from schemas import events

# The curated schema cannot know the columns of a dataset's users table.
_OPEN_PREFIXES = (
    events.USER_ATTRIBUTE_PREFIX,
    events.SENSITIVE_ATTRIBUTE_PREFIX,
)
_NEW_COLUMN = anomalies_pb2.AnomalyInfo.SCHEMA_NEW_COLUMN


def tally_anomalies(artifact: types.Artifact) -> Tally:
    """Counts the features of each split that break the schema.

    User attributes that the schema does not name are no fault.

    Args:
        artifact: `ExampleAnomalies`.

    Returns:
        Features with anomalies among all features, splits added up.
    """
    count, population, offenders = 0, 0, []
    for split in artifact_utils.decode_split_names(artifact.split_names):
        uri = artifact_utils.get_split_uri([artifact], split)
        anomalies = anomalies_pb2.Anomalies()
        with fileio.open(io_utils.get_only_uri_in_dir(uri), "rb") as file:
            anomalies.ParseFromString(file.read())
        broken = {
            name: info.description
            for name, info in sorted(anomalies.anomaly_info.items())
            if not _is_open(name, info)
        }
        population += max(len(anomalies.baseline.feature), len(broken))
        count += len(broken)
        offenders += [f"{split}: {name}: {broken[name]}" for name in broken]
        if anomalies.HasField("dataset_anomaly_info"):
            count, population = count + 1, population + 1
            description = anomalies.dataset_anomaly_info.description
            offenders.append(f"{split}: {description}")
    return Tally(count, population, tuple(offenders))


def _is_open(name: str, info: anomalies_pb2.AnomalyInfo) -> bool:
    reasons = {reason.type for reason in info.reason}
    return name.startswith(_OPEN_PREFIXES) and reasons == {_NEW_COLUMN}
