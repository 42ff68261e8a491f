import tensorflow as tf

from serving.export_check.registered_ops import read_registered_ops


def test_registered_ops_are_tensorflow_s_and_text_s():
    op_list = read_registered_ops()
    assert op_list.versions["tensorflow"] == tf.__version__
    assert op_list.graph_def_version == tf.version.GRAPH_DEF_VERSION
    # https://www.tensorflow.org/api_docs/python/tf/raw_ops/MatMul
    assert op_list.ops["MatMul"] >= {"transpose_a", "transpose_b", "T"}
    assert "TFText>WhitespaceTokenizeWithOffsetsV2" in op_list.ops
