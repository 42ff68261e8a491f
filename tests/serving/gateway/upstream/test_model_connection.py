"""A connection to real servers that are away, slow, killed or restarted."""

import socket
import threading
import time

import pytest

from serving.client import RecommenderClient
from serving.gateway.upstream.circuit_breaker import CircuitState
from serving.gateway.upstream.model_unavailable import ModelUnavailable
from serving.overlay_index import NewItem
from serving.query import Constraints
from serving.query import Query
from tests.serving.conftest import MODEL_NAME
from tests.serving.conftest import VERSION
from tests.serving.conftest import add_version

QUERY = Query(item_ids=["i01", "i04"])
NEW = NewItem(item_id="n1", title="abc")


def _ids(slate):
    return [item.item_id for item in slate.items]


def _put_new(connection):
    return connection.finish_items(connection.begin_items([NEW]), [NEW])


def _ask_until_it_answers(connection):
    """Returns the slate that comes well before gRPC's own two minutes."""
    end = time.monotonic() + 30.0
    while True:
        try:
            return connection.recommend(QUERY, 5)
        except ModelUnavailable:
            assert time.monotonic() < end
            time.sleep(0.01)


def test_answers_are_the_client_s_own(connect, server_address, observed):
    connection = connect(server_address)
    constraints = Constraints(allowed_categories=["comedy"])
    with RecommenderClient(server_address, timeout=20) as client:
        (slate,) = client.recommend(QUERY, 5, constraints)
        explained = client.explain(QUERY, ["i09"])
    assert connection.recommend(QUERY, 5, constraints) == slate
    assert connection.explain(QUERY, ["i09"]) == explained
    assert connection.status()[0].version == VERSION
    assert connection.is_ready()
    assert observed.calls == {"recommend": 1, "explain": 1}
    assert observed.failures == {}


def test_new_item_is_in_the_very_next_slate(connect, server_address):
    connection = connect(server_address)
    before = connection.recommend(QUERY, 30)
    assert _put_new(connection) == []
    slate = connection.recommend(QUERY, 30)
    assert sorted(_ids(slate)) == sorted([*_ids(before), "n1"])


def test_port_where_nobody_listens_is_asked_until_the_circuit_opens(
    connect, observed
):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    connection = connect(
        address, breaker_failures=3, breaker_open_seconds=1000.0
    )
    reasons = []
    for _ in range(5):
        with pytest.raises(ModelUnavailable) as caught:
            connection.recommend(QUERY)
        reasons.append(caught.value.reason)
    assert reasons == ["unavailable"] * 3 + ["circuit_open"] * 2
    assert observed.calls["recommend"] == 3
    assert observed.failures["recommend", "circuit_open"] == 2
    assert observed.is_open
    assert connection.breaker_state() is CircuitState.OPEN
    assert not connection.is_ready()


def test_server_that_never_answers_costs_the_deadline_and_no_more(connect):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        connection = connect(address, timeout_seconds=0.2)
        began = time.monotonic()
        with pytest.raises(ModelUnavailable, match="deadline_exceeded"):
            connection.recommend(QUERY)
        assert time.monotonic() - began >= 0.2


def test_slow_answers_open_the_circuit(connect, slow_server_address):
    connection = connect(
        slow_server_address,
        timeout_seconds=0.1,  # an answer takes 0.4 s
        breaker_failures=2,
        breaker_open_seconds=1000.0,
    )
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match="deadline_exceeded"):
            connection.recommend(QUERY)
    with pytest.raises(ModelUnavailable, match="circuit_open"):
        connection.recommend(QUERY)


def test_slow_explanations_do_not_stop_the_slates(connect, slow_server_address):
    connection = connect(
        slow_server_address, slow_timeout_seconds=0.1, breaker_failures=1
    )
    with pytest.raises(ModelUnavailable, match=r"`explain`.*deadline_exceeded"):
        connection.explain(QUERY, ["i09"])
    assert connection.breaker_state() is CircuitState.CLOSED
    assert len(connection.recommend(QUERY, 3).items) == 3


def test_deadline_holds_for_both_calls_of_a_slate_with_new_items(
    connect, slow_server_address
):
    # Each call takes 0.4 s or more: one fits in, two never do.
    connection = connect(slow_server_address, timeout_seconds=0.75)
    _put_new(connection)
    with pytest.raises(ModelUnavailable, match="deadline_exceeded"):
        connection.recommend(QUERY, 5)


def test_caller_s_mistakes_stay_the_caller_s(connect, server_address, observed):
    connection = connect(server_address, breaker_failures=1)
    with pytest.raises(ValueError, match=r"`k` must be at least 1"):
        connection.recommend(QUERY, 0)
    with pytest.raises(ValueError, match="surrogates not allowed"):
        connection.recommend(Query(need="\ud800"))
    assert connection.breaker_state() is CircuitState.CLOSED
    assert observed.failures == {}


def test_unknown_model_is_the_server_s_fault_and_opens_no_circuit(
    connect, server_address
):
    connection = connect(
        server_address, model_name="nobody", breaker_failures=1
    )
    for _ in range(3):
        with pytest.raises(ModelUnavailable, match="not_found"):
            connection.recommend(QUERY)
    assert not connection.is_ready()
    assert connection.breaker_state() is CircuitState.CLOSED


def test_killed_server_is_back_within_seconds(connect, proxy, observed):
    connection = connect(proxy.address, breaker_failures=2)
    before = connection.recommend(QUERY, 5)
    proxy.kill()
    while connection.breaker_state() is CircuitState.CLOSED:
        with pytest.raises(ModelUnavailable):
            connection.recommend(QUERY, 5)
    assert observed.is_open
    proxy.restart()
    assert _ask_until_it_answers(connection) == before
    assert connection.breaker_state() is CircuitState.CLOSED
    assert not observed.is_open


def test_caller_in_the_middle_of_a_kill_gets_an_answer_or_the_one_error(
    connect, proxy
):
    connection = connect(proxy.address, breaker_failures=10**6)
    outcomes = set()
    num_answers = threading.Semaphore(0)
    is_over = threading.Event()

    def ask_on():
        while not is_over.is_set():
            try:
                outcomes.add(tuple(_ids(connection.recommend(QUERY, 5))))
                num_answers.release()
            except ModelUnavailable as error:
                outcomes.add(error.reason)

    askers = [threading.Thread(target=ask_on) for _ in range(4)]
    for asker in askers:
        asker.start()
    for _ in range(5):
        assert num_answers.acquire(timeout=20)
        proxy.kill()
        while num_answers.acquire(blocking=False):
            pass
        proxy.restart()
    is_over.set()
    for asker in askers:
        asker.join(30)
    expected = tuple(_ids(_ask_until_it_answers(connection)))
    assert expected in outcomes
    assert outcomes <= {expected, "unavailable"}


def test_stalled_server_is_asked_again_once_it_moves(connect, proxy):
    connection = connect(
        proxy.address,
        timeout_seconds=0.5,
        breaker_failures=1,
        breaker_open_seconds=0.1,
    )
    before = _ask_until_it_answers(connection)
    proxy.stall()
    with pytest.raises(ModelUnavailable, match="deadline_exceeded"):
        connection.recommend(QUERY, 5)
    proxy.resume()
    assert _ask_until_it_answers(connection) == before


def test_restarted_server_answers_with_the_version_it_has_now(
    connect, recommender_model, base_path
):
    from serving.model_server.server import ModelServer

    add_version(base_path, 1, recommender_model)
    with ModelServer(MODEL_NAME, base_path) as server:
        port = server.port
        connection = connect(f"127.0.0.1:{port}")
        assert connection.recommend(QUERY, 5).model_version == 1
        _put_new(connection)
    with pytest.raises(ModelUnavailable):
        connection.recommend(QUERY, 5)
    add_version(base_path, 2, recommender_model)
    with ModelServer(MODEL_NAME, base_path, port):
        slate = _ask_until_it_answers(connection)
        assert slate.model_version == 2
        # The new item follows as soon as the new version has encoded it.
        began = time.monotonic()
        while "n1" not in _ids(connection.recommend(QUERY, 30)):
            assert time.monotonic() - began < 60


def test_label_chooses_the_version_over_one_channel(
    connect, recommender_model, tmp_path
):
    from serving.model_server.server import ModelServer
    from serving.model_server.settings.server_options import ServerOptions

    for version in (1, 2):
        add_version(tmp_path / "models", version, recommender_model)
    config = tmp_path / "models.config"
    config.write_text(
        "model_config_list { config {"
        f" name: '{MODEL_NAME}' base_path: '{tmp_path / 'models'}'"
        " model_platform: 'tensorflow'"
        " model_version_policy { specific { versions: 1 versions: 2 } }"
        " version_labels { key: 'stable' value: 1 }"
        " version_labels { key: 'canary' value: 2 } } }"
    )
    options = ServerOptions(
        model_config_file=str(config),
        allow_version_labels_for_unavailable_models=True,
    )
    with ModelServer(MODEL_NAME, tmp_path, 0, options) as server:
        connection = connect(f"127.0.0.1:{server.port}", breaker_failures=1)
        while {one.state for one in connection.status()} != {"AVAILABLE"}:
            time.sleep(0.01)  # ready means one version, not both
        for label, version in (("stable", 1), ("canary", 2), (None, 2)):
            slate = connection.recommend(QUERY, 5, version_label=label)
            assert slate.model_version == version
        with pytest.raises(ModelUnavailable, match="unknown_label"):
            connection.recommend(QUERY, 5, version_label="nobody")
        # A label that was configured may be gone since the gateway started.
        settled = connect(f"127.0.0.1:{server.port}", version_label="gone")
        for label in (None, "gone"):
            slate = settled.recommend(QUERY, 5, version_label=label)
            assert slate.model_version == 2
        assert len(settled.explain(QUERY, ["i09"])) == 1
        with pytest.raises(ModelUnavailable, match="unknown_label"):
            settled.recommend(QUERY, 5, version_label="nobody")
        _put_new(connection)
        for label in ("stable", "canary"):
            slate = connection.recommend(QUERY, 30, version_label=label)
            assert "n1" in _ids(slate)
