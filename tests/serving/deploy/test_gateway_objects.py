from serving.deploy.gateway_objects import build_gateway_objects
from serving.deploy.pod import CLIENT_LABEL


def test_nothing_of_the_gateway_is_deployed_while_it_is_off(build):
    assert build_gateway_objects(build()) == []


def test_gateway_may_talk_to_the_model_server(build):
    values = build(gateway={"enabled": True, "arguments": ["--port=8080"]})
    deployment, service = build_gateway_objects(values)
    template = deployment["spec"]["template"]
    assert CLIENT_LABEL.items() <= template["metadata"]["labels"].items()
    assert template["spec"]["containers"][0]["args"] == ["--port=8080"]
    assert service["spec"]["ports"][0]["port"] == 8080
