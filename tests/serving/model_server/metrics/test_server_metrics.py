import threading

import pytest

from serving.model_server.metrics.server_metrics import REQUEST_COUNT
from serving.model_server.metrics.server_metrics import ServerMetrics


def _lines(metrics: ServerMetrics, part: str) -> list[str]:
    return [line for line in metrics.render().splitlines() if part in line]


def test_request_latency_has_model_api_and_entrypoint():
    metrics = ServerMetrics()
    metrics.observe_request_latency("m", "Predict", "GRPC", 12.5)
    labels = 'model_name="m",API="Predict",entrypoint="GRPC"'
    name = ":tensorflow:serving:request_latency"
    assert f"{name}_sum{{{labels}}} 12.5" in _lines(metrics, name)
    # 12.5 us is above the first bound, 10, and below the second, 10 * 1.8.
    assert f'{name}_bucket{{{labels},le="10"}} 0' in _lines(metrics, name)
    assert f'{name}_bucket{{{labels},le="18"}} 1' in _lines(metrics, name)


def test_value_on_a_bound_counts_below_it():
    metrics = ServerMetrics()
    metrics.observe("batching_session/processed_batch_size", {"m": "x"}, 4)
    buckets = _lines(metrics, "batch_size_bucket")
    assert 'le="2"} 0' in buckets[1]
    assert 'le="4"} 1' in buckets[2]


def test_names_are_meant_below_tensorflow_serving_unless_whole():
    metrics = ServerMetrics()
    metrics.count("wrapped_run_count", {"m": "x"}, 2)
    metrics.count("/tensorflow/serving/wrapped_run_count", {"m": "x"})
    assert _lines(metrics, "wrapped_run_count")[1:] == [
        ':tensorflow:serving:wrapped_run_count{m="x"} 3'
    ]


def test_page_of_an_idle_server_names_its_metrics():
    kinds = _lines(ServerMetrics(), "# TYPE")
    assert [line.split()[2].rpartition(":")[2] for line in kinds] == [
        "load_attempt_count",
        "request_count",
        "request_latency",
        "runtime_latency",
        "served_version",
    ]


def test_versions_on_the_page_are_those_of_now():
    served = [("m", 3)]
    metrics = ServerMetrics(list_served=lambda: served)
    name = ":tastemaker:model_server:served_version"
    line = f'{name}{{model_name="m",version="3"}} 1'
    assert line in _lines(metrics, name)
    served[:] = [("m", 4)]
    assert line not in _lines(metrics, name)


def test_names_of_unserved_models_share_one_series():
    metrics = ServerMetrics(known_models={"m": None})
    for number in range(100):
        metrics.count_request(f"made up {number}", "NOT_FOUND")
    metrics.count_request("m", "OK")
    metrics.count_request("", "INVALID_ARGUMENT")
    assert [
        line.split("request_count")[1] for line in _lines(metrics, "t{")
    ] == [
        '{model_name="_unknown_",status="NOT_FOUND"} 100',
        '{model_name="m",status="OK"} 1',
        '{model_name="",status="INVALID_ARGUMENT"} 1',
    ]


def test_series_beyond_the_limit_are_added_up_in_one():
    metrics = ServerMetrics(max_num_series=2)
    for number in range(10):
        metrics.count("runs", {"m": str(number)})
    assert [line.split()[1] for line in _lines(metrics, "runs{")] == (
        ["1", "1", "8"]
    )
    assert metrics.get_total("runs") == 10


def test_labels_and_kind_of_a_name_stay_what_they_were():
    metrics = ServerMetrics()
    metrics.count("runs", {"m": "x"})
    with pytest.raises(ValueError, match=r"Received: .'n'."):
        metrics.count("runs", {"n": "x"})
    with pytest.raises(ValueError, match=r"Received: .'m', 'n'."):
        metrics.count("runs", {"m": "x", "n": "x"})
    with pytest.raises(ValueError, match="must stay a counter"):
        metrics.observe("runs", {"m": "x"}, 1.0)


def test_counts_can_be_read_back():
    metrics = ServerMetrics()
    metrics.count_request("m", "OK")
    labels = {"model_name": "m", "status": "OK"}
    assert metrics.get_count(REQUEST_COUNT, labels) == 1
    assert metrics.get_count("nothing", labels) == 0
    assert metrics.get_total("nothing") == 0


def test_no_count_is_lost_between_threads():
    metrics = ServerMetrics()

    def work():
        for _ in range(1000):
            metrics.count_request("m", "OK")
            metrics.observe_request_latency("m", "predict", "REST", 1.0)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert metrics.get_total(REQUEST_COUNT) == 8000
    assert _lines(metrics, "request_latency_count")[0].endswith(" 8000")
