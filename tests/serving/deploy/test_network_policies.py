import pytest

from serving.deploy.network_policies import build_network_policies


def test_model_server_asks_nobody(build):
    policy, _ = build_network_policies(build())
    assert "Egress" in policy["spec"]["policyTypes"]
    assert policy["spec"]["egress"] == []


def test_grpc_is_for_clients_and_rest_for_prometheus(build):
    policy, _ = build_network_policies(build())
    ask, scrape = policy["spec"]["ingress"]
    (client,) = ask["from"]
    assert client["podSelector"]["matchLabels"] == {
        "tastemaker/model-client": "true"
    }
    assert [port["port"] for port in ask["ports"]] == [8500]
    (prometheus,) = scrape["from"]
    assert "monitoring" in str(prometheus["namespaceSelector"])
    assert [port["port"] for port in scrape["ports"]] == [8501]


def test_gateway_takes_calls_from_anywhere(build):
    (_, policy) = build_network_policies(build())
    (rule,) = policy["spec"]["ingress"]
    assert "from" not in rule
    assert [port["port"] for port in rule["ports"]] == [8080]


def test_gateway_calls_names_and_the_model_server_only(build):
    (_, policy) = build_network_policies(build())
    names, model_server = policy["spec"]["egress"]
    assert {port["port"] for port in names["ports"]} == {53}
    assert {port["protocol"] for port in names["ports"]} == {"TCP", "UDP"}
    assert [port["port"] for port in model_server["ports"]] == [8500]
    (peer,) = model_server["to"]
    assert peer["podSelector"]["matchLabels"] == {
        "app.kubernetes.io/name": "model-server"
    }


@pytest.mark.parametrize(
    ("redis", "port"),
    [("redis://cache:7000/0", 7000), ("rediss://cache/0", 6379)],
)
def test_gateway_calls_its_redis(build, redis, port):
    (_, policy) = build_network_policies(build(gateway={"redis": redis}))
    assert [p["port"] for p in policy["spec"]["egress"][2]["ports"]] == [port]


def test_gateway_that_is_off_needs_no_policy(build):
    values = build(gateway={"enabled": False})
    (policy,) = build_network_policies(values)
    assert policy["metadata"]["name"] == "model-server"
