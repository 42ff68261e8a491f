import json

from serving.gateway.access.refuse import refuse


def test_refusal_is_json_with_its_headers():
    answer = refuse(429, "Too many.", {"Retry-After": "3"})
    assert answer.status_code == 429
    assert json.loads(answer.body) == {"detail": "Too many."}
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["content-type"] == "application/json"
