import grpc
import numpy as np
import pytest

from schemas import signatures
from schemas.signatures import MODEL_NAME
from schemas.signatures import UNKNOWN_ITEM_SCORE
from serving.client import RecommenderClient
from serving.model_server.server import ModelServer
from serving.query import Constraints
from serving.query import Query
from tests.serving.conftest import VERSION
from tests.serving.tiny_recommender import ITEM_IDS
from tests.serving.tiny_recommender import item_popularity
from tests.serving.tiny_recommender import item_vectors


@pytest.fixture(scope="module")
def client(server_address):
    with RecommenderClient(server_address, timeout=20) as opened:
        yield opened


def _scores(*history: int) -> np.ndarray:
    """The model's own definition: mean of the history, dot, popularity."""
    vectors = item_vectors()
    query = vectors[list(history)].mean(axis=0)
    return vectors @ query + item_popularity()


def test_slate_holds_the_best_items_without_the_history(client):
    slate = client.recommend(Query(item_ids=["i01", "i04"]), k=3)[0]
    scores = _scores(1, 4)
    best = [n for n in np.argsort(-scores) if n not in (1, 4)][:3]
    assert [item.item_id for item in slate.items] == [ITEM_IDS[n] for n in best]
    np.testing.assert_allclose(
        [item.score for item in slate.items], scores[best], rtol=1e-5
    )
    assert slate.items[0].rating == pytest.approx(3 + scores[best[0]])
    assert slate.model_version == 3


def test_reasons_point_into_the_history_heaviest_first(client):
    slate = client.recommend(Query(item_ids=["i01", "i04"]), k=1)[0]
    item = ITEM_IDS.index(slate.items[0].item_id)
    vectors = item_vectors()
    weights = vectors[[1, 4]] @ vectors[item]
    order = np.argsort(-weights)
    reasons = slate.items[0].reasons
    assert [position for position, _ in reasons] == order.tolist()
    np.testing.assert_allclose(
        [weight for _, weight in reasons], weights[order], rtol=1e-5
    )


def test_slate_tells_the_share_of_every_kind_of_reason(client):
    query = Query(item_ids=["i01"], need="calm")
    shares = client.recommend(query, k=1)[0].items[0].shares
    assert shares.history == pytest.approx(2 / 3)
    assert shares.need == pytest.approx(1 / 4)
    assert shares.popularity == pytest.approx(1 / 12)


def test_query_is_encoded_with_and_without_its_parts(client):
    queries = [Query(item_ids=["i01"], need="calm"), Query(item_ids=["i04"])]
    found, means = client.encode_query_parts(queries, version=3)
    vectors = item_vectors()
    # A need adds one in every direction.
    expected = [
        [vectors[1] + 1, np.ones(4), vectors[1], np.zeros(4)],
        [vectors[4], np.zeros(4), vectors[4], np.zeros(4)],
    ]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(means, found @ vectors.mean(axis=0), atol=1e-5)


def test_empty_history_gets_the_popular_items(client):
    slate = client.recommend(Query(), k=2)[0]
    assert [item.item_id for item in slate.items] == ["i00", "i01"]
    assert slate.items[0].reasons == ()


def test_several_queries_get_what_each_gets_alone(client):
    queries = [Query(item_ids=["i01"]), Query(), Query(item_ids=ITEM_IDS[:5])]
    together = client.recommend(queries, k=4)
    alone = [client.recommend(query, k=4)[0] for query in queries]
    for slate, other in zip(together, alone, strict=True):
        assert [i.item_id for i in slate.items] == [
            i.item_id for i in other.items
        ]


def test_constraints_hold(client):
    constraints = Constraints(
        excluded_item_ids=["i04"],
        allowed_categories=["comedy"],
        min_price=3.0,
        max_price=9.0,
    )
    slate = client.recommend(Query(item_ids=["i06"]), 20, constraints)[0]
    # Comedies are even: 4, 6, 8 cost 3 to 9; 4 is excluded, 6 was seen.
    assert [item.item_id for item in slate.items] == ["i08"]


def test_seen_items_may_be_asked_for(client):
    query = Query(item_ids=["i06"])
    slate = client.recommend(query, 20, Constraints(exclude_history=False))[0]
    assert sorted(item.item_id for item in slate.items) == ITEM_IDS


def test_slate_is_shorter_when_nothing_is_left(client):
    slate = client.recommend(Query(item_ids=ITEM_IDS[:18]), k=25)[0]
    assert sorted(item.item_id for item in slate.items) == ["i18", "i19"]


def test_rank_keeps_the_order_given(client):
    slate = client.rank(Query(item_ids=["i02"]), ["i09", "i03"])[0]
    assert [item.item_id for item in slate.items] == ["i09", "i03"]
    np.testing.assert_allclose(
        [item.score for item in slate.items], _scores(2)[[9, 3]], rtol=1e-5
    )


def test_rank_takes_candidates_per_query(client):
    slates = client.rank([Query(), Query()], [["i01"], ["i02", "i03"]])
    assert [len(slate.items) for slate in slates] == [1, 2]


def test_embeddings_come_per_query_and_title(client):
    embedding = client.encode_query(Query(item_ids=["i01", "i04"]))
    np.testing.assert_allclose(
        embedding, [item_vectors()[[1, 4]].mean(axis=0)], rtol=1e-5
    )
    assert client.encode_items(["ab", "abc"])[:, 0].tolist() == [2.0, 3.0]


def test_inputs_of_new_items_are_those_that_were_agreed(client):
    inputs = client.list_item_inputs(VERSION)
    assert inputs == set(signatures.ENCODE_ITEMS_INPUTS)


def test_number_that_the_version_does_not_read_is_refused(client):
    with pytest.raises(ValueError, match="price"):
        client.encode_items(["ab"], numbers={"price": [1.0]})


def test_numbers_are_one_per_title(client):
    with pytest.raises(ValueError, match="`price` must have 1 entries"):
        client.encode_items(["ab"], numbers={"price": [1.0, 2.0]})


def test_status_tells_the_version(client):
    status = client.status()
    assert [(s.version, s.state) for s in status] == [(3, "AVAILABLE")]


def test_unreachable_server_is_a_connection_error():
    with (
        RecommenderClient("localhost:1", timeout=5) as client,
        pytest.raises(ConnectionError, match="at localhost:1 must answer"),
    ):
        client.recommend(Query())


def test_unknown_model_is_a_lookup_error(server_address):
    with (
        RecommenderClient(server_address, "nobody") as client,
        pytest.raises(LookupError, match=r"NOT_FOUND: .*Latest\(nobody\)"),
    ):
        client.recommend(Query())


def test_unknown_label_is_a_value_error_with_its_cause(server_address):
    with (
        RecommenderClient(server_address, version_label="stable") as client,
        pytest.raises(ValueError, match="version label: stable") as caught,
    ):
        client.recommend(Query())
    cause = caught.value.__cause__
    assert cause.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_deadline_is_a_timeout_error(slow_recommender_model, tmp_path):
    (tmp_path / "1").symlink_to(slow_recommender_model)
    with (
        ModelServer(MODEL_NAME, tmp_path) as server,
        # An answer of this model takes 0.4 s.
        RecommenderClient(f"localhost:{server.port}", timeout=0.1) as hasty,
        pytest.raises(TimeoutError, match=r"within 0\.1 s"),
    ):
        hasty.recommend(Query())


def test_calls_of_one_request_have_one_deadline(client):
    request = client.for_request(20.0)
    assert request.recommend(Query(), 2) == client.recommend(Query(), 2)
    late = client.for_request(0.0)
    with pytest.raises(TimeoutError):
        late.recommend(Query())
    # It was the request's time that was up, not the client's.
    assert len(client.recommend(Query(), 2)[0].items) == 2


def test_request_may_ask_for_another_label(client):
    with pytest.raises(ValueError, match="version label: canary"):
        client.for_request(20.0, "canary").recommend(Query())


def test_given_channel_is_used_and_closed(server_address):
    channel = grpc.insecure_channel(server_address)
    with RecommenderClient("elsewhere:1", timeout=20, channel=channel) as one:
        assert one.status()[0].version == VERSION
    with pytest.raises(ValueError, match="closed channel"):
        one.status()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.recommend(Query(), k=0), "`k` must be at least 1"),
        (lambda c: c.recommend([]), "At least one Query"),
        (lambda c: c.rank([Query()], [["i01"], ["i02"]]), "must have 1 entr"),
        (
            lambda c: c.recommend(Query(), 1, [Constraints()] * 2),
            r"`constraints` must have 1 entries.*Received: 2",
        ),
        (lambda c: c.encode_items(["a"], ["b", "c"]), "`descriptions` must"),
    ],
)
def test_request_that_makes_no_sense_is_refused_before_it_is_sent(
    client, call, message
):
    with pytest.raises(ValueError, match=message):
        call(client)


def test_version_can_be_named(client):
    query = Query(item_ids=["i01"])
    asked = client.recommend(query, 2, version=VERSION)
    assert asked == client.recommend(query, 2)
    np.testing.assert_array_equal(
        client.encode_query(query, VERSION), client.encode_query(query)
    )
    for call in (
        lambda: client.recommend(query, 2, version=VERSION + 1),
        lambda: client.rank(query, ["i01"], VERSION + 1),
        lambda: client.encode_query(query, VERSION + 1),
        lambda: client.encode_items(["a"], version=VERSION + 1),
    ):
        with pytest.raises(LookupError, match=rf"tastemaker, {VERSION + 1}\)"):
            call()


def test_candidate_outside_the_catalogue_says_so(client):
    items = client.rank(Query(), ["i01", "nobody"])[0].items
    assert items[1].score == UNKNOWN_ITEM_SCORE < items[0].score


def test_explanation_tells_what_every_event_is_worth(client):
    (found,) = client.explain(Query(item_ids=["i01", "i04", "i06"]), ["i09"])
    whole = _scores(1, 4, 6)[9]
    drops = whole - [_scores(4, 6)[9], _scores(1, 6)[9], _scores(1, 4)[9]]
    assert found.item_id == "i09"
    assert found.score == pytest.approx(whole, rel=1e-4)
    assert found.score_without_history == pytest.approx(item_popularity()[9])
    np.testing.assert_allclose(found.score_drops, drops, atol=1e-5)
    raised = np.maximum(drops, 0)
    # The tiny model says that two thirds are due to the history.
    assert found.shares.history == pytest.approx(2 / 3)
    np.testing.assert_allclose(
        found.history_weights, raised / raised.sum() * 2 / 3, atol=1e-5
    )
    assert (found.place, found.place_without_history) == (1.0, 3.0)
    assert found.source_shares == {"text": 0.25, "id": 0.75}


def test_new_user_s_explanation_names_no_events(client):
    first, second = client.explain(Query(), ["i01", "i02"])
    assert (first.item_id, second.item_id) == ("i01", "i02")
    assert first.history_weights == []
    assert first.score == first.score_without_history
