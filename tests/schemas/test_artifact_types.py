"""Artifact types as Kubeflow's entry point finds them."""

import pytest
from tfx.utils import import_utils

from schemas import artifact_types


@pytest.mark.parametrize(
    "name", ["BehaviorReport", "Catalog", "ItemVectors", "Rejects"]
)
def test_type_name_is_a_path_the_class_is_imported_by(name):
    artifact_type = getattr(artifact_types, name)
    found = import_utils.import_class_by_path(artifact_type.TYPE_NAME)
    assert found is artifact_type
