"""What items read like, in the graph."""

import tensorflow as tf

from schemas.item_text import compose_item_text
from trainer.sources.text_source import compose_item_texts


def test_graph_and_python_compose_the_same_item_text():
    cases = [
        ("A title", "", []),
        ("A title", "Said of it.", []),
        ("A title", "", ["one", "two"]),
        ("A title", "Said of it.", ["one"]),
    ]
    composed = compose_item_texts(
        tf.constant([title for title, _, _ in cases]),
        tf.ragged.constant([c for _, _, c in cases], tf.string).to_tensor(),
        tf.constant([description for _, description, _ in cases]),
    )
    assert [text.decode() for text in composed.numpy()] == [
        compose_item_text(*case) for case in cases
    ]
