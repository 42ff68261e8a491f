"""How TF Serving's messages write shapes and dtypes."""

import numpy as np
import tensorflow as tf

from serving.protos import types_pb2


def describe_shape(value: np.ndarray) -> str:
    """Writes a shape as `TensorShape::DebugString` does: `[2,3]`."""
    return f"[{','.join(map(str, np.shape(value)))}]"


def name_data_type(value: np.ndarray) -> str:
    """Writes a dtype as the protos do: `DT_FLOAT`; texts are `DT_STRING`."""
    dtype = tf.as_dtype(np.asarray(value).dtype)
    return types_pb2.DataType.Name(dtype.as_datatype_enum)
