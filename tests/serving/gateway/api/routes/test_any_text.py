from fastapi import FastAPI
from starlette.testclient import TestClient

from serving.gateway.api.routes.any_text import register_any_text


def test_id_in_a_path_may_hold_slashes_and_line_breaks():
    register_any_text()
    register_any_text()
    app = FastAPI()

    @app.get("/things/{name:any_text}")
    def find(name: str) -> str:
        return name

    with TestClient(app) as client:
        assert client.get("/things/a%2Fb%0A%C3%A9").json() == "a/b\né"
