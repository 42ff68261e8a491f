"""`python -m serving.export_check.registered_ops FILE`: writes an op list.

It lists the ops of the environment that runs it: TensorFlow's and TensorFlow
Text's, the two that the stock image links (model_servers/BUILD). `make
export-ops` runs it with the versions of the stock image.
"""

import sys
from pathlib import Path

from serving.export_check.op_list import OpList
from serving.export_check.op_list import format_op_list


def read_registered_ops() -> OpList:
    """Lists the ops of the installed TensorFlow and TensorFlow Text."""
    import tensorflow as tf
    import tensorflow_text
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session

    buffer = pywrap_tf_session.TF_GetAllOpList()
    registered = op_def_pb2.OpList.FromString(
        pywrap_tf_session.TF_GetBuffer(buffer)
    )
    return OpList(
        versions={
            "tensorflow": tf.__version__,
            "tensorflow-text": tensorflow_text.__version__,
        },
        graph_def_version=tf.version.GRAPH_DEF_VERSION,
        ops={
            op.name: frozenset(attribute.name for attribute in op.attr)
            for op in registered.op
        },
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(format_op_list(read_registered_ops()))
