import tensorflow as tf

from serving.export_check.sample_example import build_sample_example

_SPEC = {
    "user": tf.io.FixedLenFeature([1], tf.string),
    "pair": tf.io.FixedLenFeature([2], tf.int64),
    "price": tf.io.FixedLenFeature([], tf.float32),
    "window": tf.io.RaggedFeature(tf.string),
}


def _trace(function):
    spec = tf.TensorSpec([None], tf.string)
    return (
        tf.function(function).get_concrete_function(spec).graph.as_graph_def()
    )


def test_graph_parses_its_sample_example():
    graph = _trace(lambda text: tf.io.parse_example(text, _SPEC)["price"])
    example = build_sample_example(graph)
    parsed = tf.io.parse_example([example], _SPEC)
    assert parsed["user"].numpy().tolist() == [[b""]]
    assert parsed["pair"].numpy().tolist() == [[1, 1]]
    assert parsed["price"].numpy().tolist() == [1.0]
    assert parsed["window"].to_list() == [[b""]]


def test_example_of_a_graph_that_parses_none_is_empty():
    assert build_sample_example(_trace(tf.strings.length)) == b""
