"""A request is encoded once, with and without its parts."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.config import TrainerConfig
from trainer.export.request_encoder import RequestEncoder
from trainer.index.exact_search import ExactSearch
from trainer.needs.said_need import encode_needs

HISTORY = ("i12", "i13", "i30")


@pytest.fixture(scope="module")
def encoder(trained, training_inputs):
    vectors = trained.model.encode_items().numpy()

    def read_need(need, scenario):
        backbone, encode = trained.backbone, trained.model.encode_need
        return encode_needs(need, scenario, backbone, encode)

    return RequestEncoder(
        trained.model,
        ExactSearch(vectors, trained.scorer.catalogue, None),
        trained.items,
        training_inputs.transform,
        read_need,
        TrainerConfig(),
    )


@pytest.mark.parametrize("profile", [[], ["fan_of=1"]])
def test_queries_without_parts_are_those_of_requests_without(
    encoder, make_request, profile
):
    told = {
        "profile": tf.constant([profile], tf.string),
        "query_time": tf.constant([5000], tf.int64),
    }
    need = {"need": tf.constant(["old horror"])}
    whole = encoder.encode(make_request(HISTORY, **told, **need))
    requests = [
        make_request((), **told, **need),
        make_request(HISTORY, **told),
        make_request((), **told),
    ]
    asked = [encoder.encode(request).queries[0] for request in requests]
    np.testing.assert_allclose(whole.left_out[0], asked, atol=1e-5)
    # What is said is apart.
    np.testing.assert_allclose(whole.queries[0], asked[1], atol=1e-5)
    np.testing.assert_allclose(asked[0], asked[2], atol=1e-5)
    assert np.abs(asked[0] - asked[1]).max() > 1e-3
    assert np.abs(whole.need.queries).max() > 1e-3


def test_dislikes_are_found_where_the_request_has_them(encoder, make_request):
    request = make_request(("", "i12", "", "i13"))
    # The made-up world has no scale of ratings: there are no dislikes.
    assert encoder.find_dislikes(request).numpy().tolist() == [[False] * 4]


def test_unknown_items_are_looked_up_as_zeros(encoder):
    vectors = encoder.look_up(tf.constant([[0, 48]])).numpy()
    assert np.abs(vectors[0, 0]).max() > 0.0
    assert not vectors[0, 1].any()
