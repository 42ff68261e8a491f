"""Requests in the shape of examples."""

import tensorflow as tf

from schemas import events
from trainer.inputs.request_features import to_raw_features


def test_request_takes_the_place_of_the_label(training_inputs, make_request):
    request = make_request(
        ("i01", "", "i02"), query_time=tf.constant([99], tf.int64)
    )
    raw = to_raw_features(request, training_inputs.transform.raw_feature_spec())
    assert raw[events.ITEM_ID].to_list() == [[b"i01", b"i02"]]
    assert raw[events.TIMESTAMP].to_list() == [[1000, 1120]]
    assert raw[events.LABEL_TIMESTAMP].numpy().tolist() == [[99]]
    assert raw[events.LABEL_ITEM_ID].numpy().tolist() == [[b""]]
