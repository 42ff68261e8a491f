import dataclasses

from serving.model_server.rest.rest_options import DEFAULT_MONITORING_PATH
from serving.model_server.rest.rest_options import RestOptions


def test_f09_defaults_are_those_of_tf_serving():
    options = RestOptions()
    assert options.timeout_seconds == 30.0  # rest_api_timeout_in_ms 30000
    assert options.num_threads % 4 == 0  # four for each CPU
    assert not options.enable_cors
    assert options.monitoring_path is None
    assert DEFAULT_MONITORING_PATH == "/monitoring/prometheus/metrics"


def test_every_limit_is_finite():
    options = dataclasses.asdict(RestOptions())
    limits = [value for name, value in options.items() if "max_" in name]
    assert limits == [64 << 20, 1000, 4000]
