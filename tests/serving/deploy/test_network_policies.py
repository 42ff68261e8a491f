from serving.deploy.network_policies import build_network_policies


def test_model_server_asks_nobody(build):
    (policy,) = build_network_policies(build())
    assert "Egress" in policy["spec"]["policyTypes"]
    assert policy["spec"]["egress"] == []


def test_grpc_is_for_clients_and_rest_for_prometheus(build):
    (policy,) = build_network_policies(build())
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
    policies = build_network_policies(build(gateway={"enabled": True}))
    (rule,) = policies[1]["spec"]["ingress"]
    assert "from" not in rule
    assert [port["port"] for port in rule["ports"]] == [8080]
