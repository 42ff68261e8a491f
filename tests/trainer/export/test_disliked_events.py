"""What a dislike does to the slates of the exported funnel."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from schemas import events
from schemas.rating_scale import RatingScale
from tests.trainer.made_up_world import genre_of
from tests.trainer.made_up_world import make_example
from trainer.config import TrainerConfig
from trainer.export.serving_model import ServingModel

_SCALE = RatingScale(lowest=1.0, highest=5.0, positive_value=4.0)


@pytest.fixture(scope="module")
def build(trained, training_inputs):
    """Builds the funnel for people who rate with one to five stars."""
    items = dataclasses.replace(trained.items, rating_scale=_SCALE)

    def build(**settings):
        return ServingModel(
            trained.model,
            trained.scorer,
            items,
            training_inputs.transform,
            trained.backbone,
            TrainerConfig(**settings),
        )

    return build


@pytest.fixture(scope="module")
def patient(build):
    """Dislikes do not attract, and do not repel either."""
    return build(repulsion=0.0)


def _slate(answer):
    return answer["item_id"].numpy()[0].tolist(), answer["score"].numpy()[0]


def test_a_dislike_does_not_attract(patient, make_request):
    values = tf.constant([[5.0, 1.0, 4.0]])
    rated = patient.recommend(make_request(("i12", "i00", "i13"), value=values))
    without = patient.recommend(
        make_request(
            ("i12", "i13"),
            value=tf.constant([[5.0, 4.0]]),
            timestamp=tf.constant([[1000, 1120]], tf.int64),
            excluded_item_id=tf.constant([["i00"]]),
        )
    )
    assert _slate(rated)[0] == _slate(without)[0]
    # The one difference: the gap to the event before.
    np.testing.assert_allclose(_slate(rated)[1], _slate(without)[1], atol=0.3)


def test_who_disliked_all_is_asked_like_someone_new(patient, make_request):
    request = make_request(("i12", "i13"), value=tf.constant([[1.0, 1.0]]))
    new = make_request(excluded_item_id=tf.constant([["i12", "i13"]]))
    assert (
        _slate(patient.recommend(request))[0]
        == (_slate(patient.recommend(new))[0])
    )


def test_what_was_disliked_is_not_shown(patient, make_request):
    request = make_request(
        ("i12", "i13"), value=tf.constant([[5.0, 1.0]]), k=tf.constant([48])
    )
    shown, _ = _slate(patient.recommend(request))
    assert len([i for i in shown if i]) == 46
    assert b"i13" not in shown


def test_a_dislike_repels_its_like(patient, build, make_request):
    request = make_request(
        ("i00", "i13"), value=tf.constant([[5.0, 1.0]]), k=tf.constant([46])
    )
    before, after = (
        dict(zip(*_slate(one.recommend(request)), strict=True))
        for one in (patient, build(repulsion=3.0))
    )
    change = {
        item.decode(): after[item] - before[item] for item in before if item
    }
    by_genre = [
        np.mean([c for i, c in change.items() if genre_of(i) == genre])
        for genre in range(4)
    ]
    assert np.argmin(by_genre) == 1
    assert by_genre[1] < -0.5


def test_a_dislike_is_no_reason_and_reasons_keep_their_places(
    patient, make_request
):
    values = tf.constant([[1.0, 5.0, 1.0, 5.0]])
    request = make_request(("i00", "i12", "i24", "i13"), value=values)
    places = patient.recommend(request)["history_positions"].numpy()
    found = set(places.ravel().tolist()) - {-1}
    assert found
    assert found <= {1, 3}


def test_every_event_attracts_whom_slates_are_to_touch(build, make_request):
    model = build(objective="touch")
    request = make_request(("i12", "i00"), value=tf.constant([[5.0, 1.0]]))
    places = model.recommend(request)["history_positions"].numpy()
    assert 1 in places


def test_the_gate_ranks_without_dislikes_and_knows_that_they_were_met(patient):
    liked = make_example("u", ["i12", "i00", "i13"], "test")
    values = liked.features.feature[events.VALUE].float_list
    answers = []
    for rating in (5.0, 1.0):
        values.value[1] = rating
        examples = tf.constant([liked.SerializeToString()])
        answers.append(patient.score_examples({"examples": examples}))
    best, worst = answers
    assert best["num_candidates"] == worst["num_candidates"] == 46
    without = make_example("u", ["i12", "i13"], "test")
    older = without.features.feature[events.OLDER_ITEM_ID].bytes_list
    older.value[:] = [b"i00"]
    examples = tf.constant([without.SerializeToString()])
    alone = patient.score_examples({"examples": examples})
    # The one difference: the gap to the event before.
    np.testing.assert_allclose(worst["score"], alone["score"], atol=0.3)
    assert worst["num_candidates"] == alone["num_candidates"]


def test_an_explanation_names_no_dislike(build, make_request):
    model = build(repulsion=3.0)
    request = make_request(
        ("", "i00", "i13", "", "i24"),
        value=tf.constant([[0.0, 1.0, 5.0, 0.0, 1.0]]),
        candidate_item_id=tf.constant([["i14", "i40", "i02"]]),
    )
    found = model.explain(request)
    drops, weights = found["score_drops"][0], found["history_weights"][0]
    # Without the dislikes, what is unlike them scores less.
    assert (drops.numpy()[:, [1, 4]] > 0.0).any()
    assert (weights.numpy()[:, [0, 1, 3, 4]] == 0.0).all()
    assert (weights.numpy()[:, 2] > 0.0).any()


def test_the_gate_knows_which_targets_were_liked(patient):
    example = make_example("u", ["i12", "i13", "i14"], "test")
    features = example.features.feature
    found = []
    for value, positive in ((5.0, 1.0), (3.0, 0.0), (1.0, 0.0)):
        features[events.LABEL_VALUE].float_list.value[0] = value
        features[events.LABEL_POSITIVE].float_list.value[0] = positive
        examples = tf.constant([example.SerializeToString()])
        answer = patient.score_examples({"examples": examples})
        found.append(float(answer["liked_rank"][0] / answer["rank"][0]))
    assert found == [1.0, 0.0, 0.0]
