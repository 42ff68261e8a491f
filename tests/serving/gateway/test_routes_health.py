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
