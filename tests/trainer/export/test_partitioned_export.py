"""The whole funnel over partitions, exported: as over all items."""

import numpy as np
import pytest
import tensorflow as tf

from schemas import signatures
from tests.trainer.same_order import assert_same_order
from trainer.config import IndexConfig
from trainer.config import RetrievalConfig
from trainer.config import TrainerConfig
from trainer.export.export import export_model
from trainer.export.serving_model import ServingModel
from trainer.scoring.catalogue_scorer import CatalogueScorer
from trainer.scoring.query_scorer import QueryScorer

_HISTORY = ("i12", "i13", "i14")
_EVERYTHING = IndexConfig(kind="ivf", num_partitions=6, num_probes=6)
_NEXT_TO_NOTHING = IndexConfig(
    kind="ivf", num_partitions=6, num_probes=1, num_candidates=1
)


@pytest.fixture(scope="module")
def build(trained, training_inputs):
    """Builds the funnel without linear models: the index holds all items."""
    fitted = trained.scorer.catalogue
    terms = fitted.extend_items(np.zeros([trained.items.num_items, 0]))
    scorer = CatalogueScorer(
        [],
        fitted.weights.numpy()[:1],
        -terms[:, 0],
        terms[:, 1],
        fitted.prior,
        fitted.query_moment,
    )

    def build(index, scorer=scorer):
        return ServingModel(
            trained.model,
            QueryScorer(scorer, trained.scorer.needs),
            trained.items,
            training_inputs.transform,
            trained.backbone,
            TrainerConfig(retrieval=RetrievalConfig(index=index)),
        )

    return build


@pytest.fixture(scope="module")
def exact(build):
    return build(IndexConfig())


@pytest.fixture(scope="module")
def loaded(build, world, tmp_path_factory):
    """The SavedModel as a server would load it."""
    folder = str(tmp_path_factory.mktemp("partitioned") / "model")
    export_model(build(_EVERYTHING), str(world.catalog), folder)
    return tf.saved_model.load(folder)


def _assert_same(answer, expected):
    answer, expected = (
        {name: value.numpy() for name, value in one.items()}
        for one in (answer, expected)
    )
    places = ...
    if "item_id" in expected:
        assert_same_order(
            *((one["item_id"], one["score"]) for one in (answer, expected))
        )
        places = answer["item_id"] == expected["item_id"]
        assert places.mean() > 0.5
        # Of the request, not of its items.
        np.testing.assert_array_equal(
            answer.pop("need_read"), expected.pop("need_read")
        )
    for name, value in expected.items():
        if value.dtype.kind == "f":
            np.testing.assert_allclose(
                answer[name][places], value[places], atol=1e-4
            )
        else:
            np.testing.assert_array_equal(answer[name][places], value[places])


@pytest.mark.parametrize("history", [_HISTORY, ("i40",), ()])
def test_slate_is_the_exact_one_if_all_partitions_are_probed(
    loaded, exact, make_request, history
):
    request = make_request(history, k=tf.constant([12]))
    _assert_same(
        loaded.signatures[signatures.RECOMMEND](**request),
        exact.recommend(request),
    )


def test_candidates_are_ranked_by_their_exact_scores(
    loaded, exact, make_request
):
    request = make_request(_HISTORY)
    request = {name: request[name] for name in signatures.QUERY_INPUTS}
    request["candidate_item_id"] = tf.constant([["i01", "i15", "unheard of"]])
    _assert_same(
        loaded.signatures[signatures.RANK](**request), exact.rank(request)
    )


def test_narrow_constraint_fills_the_slate(build, exact, make_request):
    request = make_request(
        _HISTORY, allowed_categories=tf.constant([["love story"]])
    )
    answer = build(_NEXT_TO_NOTHING).recommend(request)
    ids = answer["item_id"].numpy()[0].tolist()
    assert len(set(ids)) == 5
    expected = exact.recommend(request)["item_id"].numpy()[0].tolist()
    assert set(ids) == set(expected)


def test_linear_models_keep_their_say(
    trained, build, serving_module, make_request
):
    request = make_request(_HISTORY, k=tf.constant([12]))
    answer = build(_EVERYTHING, trained.scorer.catalogue).recommend(request)
    _assert_same(answer, serving_module.recommend(request))


def test_batch_of_zero_requests_gives_zero_slates(loaded, make_request):
    request = {name: value[:0] for name, value in make_request().items()}
    answer = loaded.signatures[signatures.RECOMMEND](**request)
    assert answer["item_id"].shape == (0, 0)
