import numpy as np
import pytest

from serving.model_server.inference.tensor_texts import describe_shape
from serving.model_server.inference.tensor_texts import name_data_type


@pytest.mark.parametrize(
    ("shape", "text"), [((), "[]"), ((4,), "[4]"), ((2, 3), "[2,3]")]
)
def test_shape_is_written_as_in_c(shape, text):
    assert describe_shape(np.zeros(shape)) == text


@pytest.mark.parametrize(
    ("dtype", "text"),
    [(np.float32, "DT_FLOAT"), (np.int64, "DT_INT64"), (object, "DT_STRING")],
)
def test_dtype_is_written_as_in_the_protos(dtype, text):
    assert name_data_type(np.array([], dtype)) == text
