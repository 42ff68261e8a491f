import pytest

from serving.gateway.api.models import Problem
from serving.gateway.api.problem_responses import GUARDED
from serving.gateway.api.problem_responses import WITH_BODY
from serving.gateway.api.problem_responses import describe_problems


def test_every_problem_has_one_form_and_a_meaning_of_its_own():
    found = describe_problems([*GUARDED, *WITH_BODY, 404])
    assert {one["model"] for one in found.values()} == {Problem}
    assert len({one["description"] for one in found.values()}) == len(found)


def test_success_is_no_problem():
    with pytest.raises(KeyError):
        describe_problems([200])


def test_document_names_no_other_form_of_an_error(client):
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    forms = {
        answer["content"]["application/json"]["schema"]["$ref"]
        for path, operations in document["paths"].items()
        if path.startswith("/v1/")
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if status != "200"
    }
    assert forms == {"#/components/schemas/Problem"}
