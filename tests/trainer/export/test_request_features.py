"""Requests in the shape of examples."""

import tensorflow as tf

from schemas import events
from schemas.item_text import compose_item_text
from trainer.export.request_features import compose_item_texts
from trainer.export.request_features import to_raw_features


def test_request_takes_the_place_of_the_label(training_inputs, make_request):
    request = make_request(
        ("i01", "", "i02"), query_time=tf.constant([99], tf.int64)
    )
    raw = to_raw_features(request, training_inputs.transform.raw_feature_spec())
    assert raw[events.ITEM_ID].to_list() == [[b"i01", b"i02"]]
    assert raw[events.TIMESTAMP].to_list() == [[1000, 1120]]
    assert raw[events.LABEL_TIMESTAMP].numpy().tolist() == [[99]]
    assert raw[events.LABEL_ITEM_ID].numpy().tolist() == [[b""]]


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
