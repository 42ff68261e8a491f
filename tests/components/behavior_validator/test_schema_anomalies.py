"""What TFDV says of real statistics, held against the curated schema."""

from pathlib import Path

import pandas as pd
import pytest
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.types import standard_artifacts

from components.behavior_validator.schema_anomalies import tally_anomalies

_SCHEMA = schema_pb2.Schema()
for _name in ("item_id", "user_id"):
    _SCHEMA.feature.add(name=_name, type=schema_pb2.BYTES)


@pytest.fixture
def tally(tmp_path: Path):
    """Returns a function that validates columns and tallies the findings."""

    import tensorflow_data_validation as tfdv  # TFX mends its import

    def run(columns: dict[str, list], schema: schema_pb2.Schema = _SCHEMA):
        statistics = tfdv.generate_statistics_from_dataframe(
            pd.DataFrame(columns), n_jobs=1
        )
        found = tfdv.validate_statistics(statistics, schema)
        folder = tmp_path / "Split-train"
        folder.mkdir()
        path = folder / "SchemaDiff.pb"
        path.write_bytes(found.SerializeToString())
        artifact = standard_artifacts.ExampleAnomalies()
        artifact.uri = str(tmp_path)
        artifact.split_names = '["train"]'
        return tally_anomalies(artifact)

    return run


def test_attributes_of_users_are_no_fault(tally):
    found = tally(
        {
            "item_id": ["a"],
            "user_id": ["u"],
            "user_attribute_age": [31.0],
            "user_sensitive_sex": ["f"],
        }
    )
    assert (found.count, found.population) == (0, 2)


def test_other_new_column_is_a_fault(tally):
    found = tally({"item_id": ["a"], "user_id": ["u"], "item_idd": ["a"]})
    assert (found.count, found.population) == (1, 2)
    (offender,) = found.offenders
    assert offender.startswith("train: item_idd: New column")


def test_attribute_that_the_schema_names_is_held_to_it(tally):
    schema = schema_pb2.Schema()
    schema.CopyFrom(_SCHEMA)
    schema.feature.add(name="user_attribute_age", type=schema_pb2.BYTES)
    columns = {"item_id": ["a"], "user_id": ["u"], "user_attribute_age": [31.0]}
    found = tally(columns, schema)
    assert found.count == 1
