"""Needs that the model cannot read are named in the answer."""


def test_need_that_the_model_cannot_read_is_said(client):
    body = {"user_id": "ann", "need": "太空科幻"}
    assert client.post("/v1/recommendations", json=body).json()["unmet"] == [
        "太空科幻"
    ]
    body["need"] = "space"
    assert client.post("/v1/recommendations", json=body).json()["unmet"] == []
