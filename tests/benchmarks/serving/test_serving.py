"""The load benchmark's own parts, on small things."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.quality.datasets import Dataset
from benchmarks.quality.interactions import build_interactions
from benchmarks.serving.__main__ import compare
from benchmarks.serving.__main__ import find_export
from benchmarks.serving.__main__ import take_medians
from benchmarks.serving.echo import serve
from benchmarks.serving.load import put_under_load
from benchmarks.serving.requests import build_requests
from benchmarks.serving.requests import name_items
from benchmarks.serving.requests import read_requests
from benchmarks.serving.requests import write_requests
from benchmarks.serving.swaps import VersionPusher
from serving.protos import predict_pb2
from serving.tensors import decode_tensor

_PEOPLE = Dataset(
    # Two people; the second one met three items.
    build_interactions(
        np.array([1, 2, 2, 2]),
        np.array([7, 7, 8, 9]),
        np.array([10, 20, 30, 40]),
        np.array([3.0, 4.0, 4.5, 5.0]),
    ),
    {},
    True,
)


def _export(folder, *item_ids: str):
    path = folder / "assets.extra" / "catalog.parquet"
    path.parent.mkdir()
    pq.write_table(pa.table({"item_id": item_ids}), path)
    return folder


@pytest.fixture(scope="module")
def requests():
    return build_requests(_PEOPLE, 2, np.array(["000007", "000008", "000009"]))


@pytest.mark.parametrize(
    "ids", [("7", "8", "9"), ("000007", "000008", "000009")]
)
def test_items_are_asked_by_the_names_that_the_model_knows(ids, tmp_path):
    assert name_items(_PEOPLE, _export(tmp_path, *ids)).tolist() == list(ids)


def test_model_of_other_data_is_no_model_to_measure(tmp_path):
    with pytest.raises(ValueError, match=r"Received: a catalogue .*'m1'"):
        name_items(_PEOPLE, _export(tmp_path, "m1", "m2", "m3"))


def test_a_request_holds_a_person_s_latest_events(requests):
    assert len(requests) == 2
    inputs = {n: decode_tensor(p) for n, p in requests[1].inputs.items()}
    assert inputs["item_id"].tolist() == [[b"", b"000008", b"000009"]]
    assert inputs["timestamp"].tolist() == [[0, 30, 40]]
    assert inputs["excluded_item_id"].tolist() == [[b"", b"000007"]]
    assert inputs["k"].tolist() == [10]


def test_requests_are_read_as_the_bytes_that_go_on_the_wire(requests, tmp_path):
    write_requests(tmp_path / "requests", requests)
    texts = list(read_requests(tmp_path / "requests"))
    assert [predict_pb2.PredictRequest.FromString(t) for t in texts] == requests


def test_every_answer_and_every_error_is_counted(requests):
    texts = [request.SerializeToString() for request in requests]
    server, port = serve(0, predict_pb2.PredictResponse())
    try:
        measured = put_under_load(f"127.0.0.1:{port}", texts, 2, 0.3, 0.1)
    finally:
        server.stop(None).wait()
    assert measured["errors"] == {}
    assert 0 < measured["requests"] <= measured["answers"]
    assert measured["requests_per_second"] == measured["requests"] / 0.3
    assert 0 < measured["p50_ms"] <= measured["p95_ms"] <= measured["p99_ms"]


def test_versions_are_pushed_whole_and_broken(tmp_path):
    export = tmp_path / "export"
    (export / "variables").mkdir(parents=True)
    (export / "saved_model.pb").write_bytes(b"graph!")
    pusher = VersionPusher(export, tmp_path / "models")
    pusher.push_broken(2)
    pusher.push(3)
    pusher.remove(1)
    assert sorted(p.name for p in pusher.base_path.iterdir()) == ["2", "3"]
    graphs = [
        (pusher.base_path / n / "saved_model.pb").read_bytes() for n in "23"
    ]
    assert graphs == [b"gra", b"graph!"]
    assert find_export(pusher.base_path) == pusher.base_path / "3"
    assert find_export(export) == export


def test_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"make demo.*nowhere"):
        find_export(tmp_path / "nowhere")


def test_the_best_bare_call_and_the_echo_are_what_the_server_is_held_to():
    def take(rate, p50=0.0):
        return {"requests_per_second": rate, "p50_ms": p50}

    figures = {
        "in_process": {
            0: {"1": take(100, 4.0), "2": take(200)},
            1: {"1": take(150, 3.0), "2": take(250)},
        },
        "echo": {1: take(1000, 0.5)},
        "server": {1: take(100, 4.5), 16: take(200)},
        "server_batching": {16: take(300)},
    }
    assert compare(figures) == {
        "p50_overhead_ms": 1.0,
        "throughput_over_in_process": 0.8,
        "batching_gain": 1.5,
    }


def test_rounds_are_told_by_their_medians_and_all_their_errors():
    rounds = [
        {"p50": 1.0, "server": {16: {"rate": 5, "errors": {"lost": 1}}}},
        {"p50": 9.0, "server": {16: {"rate": 7, "errors": {}}}},
        {"p50": 2.0, "server": {16: {"rate": 6, "errors": {"lost": 2}}}},
    ]
    assert take_medians(rounds) == {
        "p50": 2.0,
        "server": {16: {"rate": 6, "errors": {"lost": 3}}},
    }
