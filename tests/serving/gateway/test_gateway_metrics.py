from serving.gateway.gateway_metrics import GatewayMetrics


def test_page_tells_what_was_counted():
    metrics = GatewayMetrics()
    metrics.observe_request("/v1/similar", "GET", 200, 0.03)
    metrics.count_slate("popular", "fixed")
    metrics.count_events(3)
    metrics.set_breaker(True)
    metrics.set_lacking(True)
    metrics.count_dropped("profiles", 2)
    metrics.set_weights("learnt", "home", {"model": 0.5})
    told = {"explored": 4, "worse": 3, "known": 0, "shows": 70}
    metrics.set_new_items("learnt", told)
    page = metrics.render().decode()
    for line in (
        "tastemaker_gateway_requests_total"
        '{method="GET",route="/v1/similar",status="200"} 1.0',
        "tastemaker_gateway_request_seconds_bucket"
        '{le="0.05",route="/v1/similar"} 1.0',
        'tastemaker_gateway_slates_total{policy="fixed",source="popular"} 1.0',
        "tastemaker_gateway_events_total 3.0",
        "tastemaker_gateway_breaker_open 1.0",
        "tastemaker_gateway_span_lacks_tables 1.0",
        'tastemaker_gateway_state_dropped_total{kind="profiles"} 2.0',
        "tastemaker_gateway_blend_weight"
        '{feature="model",policy="learnt",scenario="home"} 0.5',
        'tastemaker_gateway_new_items{policy="learnt",state="worse"} 3.0',
        "tastemaker_gateway_new_item_shows 70.0",
    ):
        assert line in page


def test_version_that_answers_no_more_is_gone_from_the_page():
    metrics = GatewayMetrics()
    metrics.set_served([3, 4])
    metrics.set_served([4])
    page = metrics.render().decode()
    assert 'tastemaker_gateway_served_version{version="4"} 1.0' in page
    assert 'version="3"' not in page


def test_two_gateways_count_apart():
    first, second = GatewayMetrics(), GatewayMetrics()
    first.count_events(1)
    assert "tastemaker_gateway_events_total 0.0" in second.render().decode()
