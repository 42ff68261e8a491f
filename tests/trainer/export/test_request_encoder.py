"""A request is encoded once, with and without its parts."""

import numpy as np
import pytest
import tensorflow as tf

from trainer.config import TrainerConfig
from trainer.export.request_encoder import RequestEncoder
from trainer.index.exact_search import ExactSearch

HISTORY = ("i12", "i13", "i30")


@pytest.fixture(scope="module")
def encoder(trained, training_inputs):
    vectors = trained.model.encode_items().numpy()
    return RequestEncoder(
        trained.model,
        ExactSearch(vectors, trained.scorer, None),
        trained.items,
        training_inputs.transform,
        trained.backbone,
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
    # Each part moves the query.
    for other in asked:
        assert np.abs(whole.queries[0] - other).max() > 1e-3


def test_dislikes_are_found_where_the_request_has_them(encoder, make_request):
    request = make_request(("", "i12", "", "i13"))
    # The made-up world has no scale of ratings: there are no dislikes.
    assert encoder.find_dislikes(request).numpy().tolist() == [[False] * 4]


def test_unknown_items_are_looked_up_as_zeros(encoder):
    vectors = encoder.look_up(tf.constant([[0, 48]])).numpy()
    assert np.abs(vectors[0, 0]).max() > 0.0
    assert not vectors[0, 1].any()
