from serving.model_server.metrics.prometheus_page import render_histogram
from serving.model_server.metrics.prometheus_page import render_number
from serving.model_server.metrics.prometheus_page import render_type


def test_characters_outside_the_alphabet_become_colons():
    assert render_type("/tensorflow/serving/a-b", "counter") == (
        "# TYPE :tensorflow:serving:a:b counter"
    )


def test_counter_is_one_line_with_its_labels_in_order():
    labels = {"model_name": "m", "status": "OK"}
    assert render_number("/a", labels, 3.0) == (
        ':a{model_name="m",status="OK"} 3'
    )


def test_label_values_cannot_break_out_of_their_quotes():
    assert render_number("a", {"m": 'x"\\\n'}, 1.0) == r'a{m="x\"\\\n"} 1'


def test_buckets_are_cumulated_and_end_with_infinity():
    assert render_histogram(
        "h", {"m": "x"}, [10.0, 104.976], [1, 0, 2], 2.5
    ) == [
        'h_bucket{m="x",le="10"} 1',
        'h_bucket{m="x",le="104.976"} 1',
        'h_bucket{m="x",le="+Inf"} 3',
        'h_sum{m="x"} 2.5',
        'h_count{m="x"} 3',
    ]


def test_histogram_without_labels_has_only_its_bounds():
    assert render_histogram("h", {}, [1.0], [0, 0], 0.0)[0] == (
        'h_bucket{le="1"} 0'
    )
