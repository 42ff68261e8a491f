import dataclasses
import threading
import time
from pathlib import Path

import anyio.to_thread
import pytest

from serving.gateway.behavior.feedback_loop import FeedbackLoop
from serving.gateway.behavior.span_timer import SpanTimer
from serving.gateway.behavior.state.kept_state import KeptState
from serving.gateway.behavior.state.sqlite_store import SqliteStateStore
from serving.gateway.kept_items import KeptItems
from serving.gateway.ranking.ranking_config import RankingConfig
from serving.gateway.slates.slate_service import SlateService
from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import build_event
from tests.serving.gateway.calls import send


def test_without_a_model_server_the_gateway_is_ready_and_says_so(lonely_client):
    answer = lonely_client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"]["model"].startswith("no version answers")
    body = {"user_id": "ann", "item_ids": ["i01"]}
    answer = lonely_client.post("/v1/explanations", json=body)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("thread", "kind", "work"),
    [
        ("behavior-store", KeptState, "tend"),
        ("items", KeptItems, "_take_up_others"),
        ("learner", FeedbackLoop, "tend"),
        ("span-timer", SpanTimer, "tend"),
        ("stand-in", SlateService, "warm_up"),
    ],
)
def test_thread_that_fails_makes_the_gateway_unready_until_it_works(
    lonely_client, monkeypatch, thread, kind, work
):
    with monkeypatch.context() as broken:
        broken.setattr(kind, work, lambda *_: {}["what ann wrote"])
        answer = _await_status(lonely_client, 503)
        assert answer.json()["parts"]["threads"] == (
            f"{thread}: it fails: KeyError"
        )
        (line,) = _find_lines(
            lonely_client,
            f'tastemaker_gateway_thread_failing{{thread="{thread}"}}',
        )
        assert line.endswith(" 1.0")
        # Nothing else stops: it is for whoever takes it out of service.
        assert send(lonely_client, build_event("i01"))["accepted"] == 1
    answer = _await_status(lonely_client, 200)
    assert answer.json()["parts"]["threads"] == "ok"


def _await_status(client, status):
    end = time.monotonic() + 60
    while (answer := client.get("/readyz")).status_code != status:
        assert time.monotonic() < end, answer.json()
        time.sleep(0.05)
    return answer


def test_metrics_name_routes_by_their_template_and_the_served_version(client):
    client.get("/v1/items/i07")
    client.get("/v1/recommendations")
    page = client.get("/metrics").text
    assert 'route="/v1/items/{item_id}",status="200"} 1.0' in page
    assert "i07" not in page
    assert 'tastemaker_gateway_served_version{version="3"} 1.0' in page


def test_version_that_answered_long_ago_is_no_served_one(client, monkeypatch):
    client.get("/v1/recommendations")
    served = 'tastemaker_gateway_served_version{version="3"} 1.0'
    assert served in client.get("/metrics").text
    # As if all that was answered lay that far back.
    monkeypatch.setattr(
        "serving.gateway.upstream.new_items._LATELY_SECONDS", -1.0
    )
    assert served not in client.get("/metrics").text


def test_metrics_name_no_user(client):
    send(client, build_event("i01"))
    ask(client, user_id="ann", k=2)
    page = client.get("/metrics").text
    assert (
        'tastemaker_gateway_slates_total{policy="learnt",source="model"} 1.0'
        in page
    )
    assert "tastemaker_gateway_events_total 1.0" in page
    assert "ann" not in page


def test_log_counts_as_unsealed_until_the_next_span(client, config):
    send(client, build_event("i01"))
    live = Path(config.storage.log).glob("**/events-*.jsonl")
    size = sum(path.stat().st_size for path in live)
    name = "tastemaker_gateway_live_log_bytes"
    (line,) = _find_lines(client, name)
    assert float(line.split()[1]) == size > 0
    client.post("/v1/spans")
    assert _find_lines(client, name) == [f"{name} 0.0"]


def test_span_without_new_items_is_told(client, monkeypatch):
    def refuse(*_):
        raise ConnectionError

    name = "tastemaker_gateway_span_lacks_tables"
    assert _find_lines(client, name) == [f"{name} 0.0"]
    send(client, build_event("i01"))
    monkeypatch.setattr(SqliteStateStore, "list_profiles", refuse)
    client.post("/v1/spans")
    assert _find_lines(client, name) == [f"{name} 1.0"]


def _find_lines(client, name):
    lines = client.get("/metrics").text.splitlines()
    return [line for line in lines if line.startswith(name)]


def test_scenarios_that_callers_make_up_get_no_metrics(config, open_client):
    ranking = RankingConfig(scenarios={"home": "learnt"})
    client = open_client(dataclasses.replace(config, ranking=ranking))
    for scenario in ("home", "ann@example.com"):
        slate = ask(client, user_id="ann", scenario=scenario, k=2)
        body = {
            "user_id": "ann",
            "slate_id": slate["slate_id"],
            "item_id": slate["items"][0]["item_id"],
            "feedback": "click",
        }
        assert client.post("/v1/feedback", json=body).status_code == 200
        ask(client, user_id="ann", scenario=scenario, k=2)  # settles it
    learnt = client.get("/v1/policies").json()["learnt"]["weights"]
    assert set(learnt) == {"", "home", "ann@example.com"}
    page = client.get("/metrics").text
    assert (
        'blend_weight{feature="model",policy="learnt",scenario="home"}' in page
    )
    assert "ann@example.com" not in page


def test_process_is_alive_while_every_thread_is_taken(lonely_client):
    may_go_on = threading.Event()
    portal = lonely_client.portal

    async def hold_threads():
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        await anyio.to_thread.run_sync(may_go_on.wait, 60)

    held = portal.start_task_soon(hold_threads)
    try:
        assert lonely_client.get("/healthz").status_code == 200
        assert not held.done()
    finally:
        may_go_on.set()
        held.result()
