"""Every figure is there, and no table is too wide."""

import re

from pipeline.report.figure_tables import render_figure_table
from pipeline.report.figure_tables import render_slice_tables
from pipeline.runs.figures import Figure

GOOD = Figure(metric="ndcg_at_10", value=0.5, asked="at least 0.1", is_ok=True)


def _read_headers(html):
    return [
        re.findall(r"<th[^>]*>([^<]+)</th>", table)
        for table in html.split("<table")[1:]
    ]


def _read_rows(html):
    return [
        re.findall(r"<td[^>]*>([^<]*)</td>", row)
        for row in html.split("<tr>")
        if "<td" in row
    ]


def test_figures_stand_beside_their_thresholds():
    missed = Figure(
        metric="recall_at_10",
        slice_name="item_bucket=tail",
        value=0.25,
        before=0.375,
        asked="at least 0.3",
        is_ok=False,
    )
    html = render_figure_table([GOOD, missed])
    assert _read_rows(html) == [
        ["NDCG@10", "0.5", "–", "–", "at least 0.1", "yes"],
        [
            "recall@10, the long tail",
            "0.25",
            "0.375",
            "−0.125",
            "at least 0.3",
            "no",
        ],
    ]


def test_nothing_before_needs_no_column():
    (header,) = _read_headers(render_figure_table([GOOD]))
    assert header == ["figure", "now", "asked for", "ok"]


def test_run_without_gates_says_so():
    assert "No gate has measured" in render_figure_table([])


def _evaluation(metrics, **others):
    candidate = dict.fromkeys(metrics, 0.5)
    return {"metrics": {"": {"candidate": candidate} | others}}


def test_no_table_has_more_columns_than_a_page_has_room_for():
    names = ["ndcg_at_10", "auc", *(f"metric_{n:02d}" for n in range(14))]
    headers = _read_headers(render_slice_tables(_evaluation(names)))
    assert all(len(header) <= 7 for header in headers)
    shown = [name for header in headers for name in header[1:]]
    assert sorted(shown) == sorted(["NDCG@10", "AUC: liked or not", *names[2:]])


def test_model_served_before_stands_below_this_one():
    html = render_slice_tables(
        _evaluation(["ndcg_at_10"], baseline={"ndcg_at_10": 0.25})
    )
    assert _read_rows(html) == [
        ["all queries (this run)", "0.5"],
        ["all queries (served before)", "0.25"],
    ]


def test_slices_come_in_the_order_of_their_values():
    names = ["", "history_bucket=20+", "history_bucket=5-19", "other=1"]
    metrics = {
        name: {"candidate": {"ndcg_at_10": 0.5}} for name in reversed(names)
    }
    rows = _read_rows(render_slice_tables({"metrics": metrics}))
    assert [row[0] for row in rows] == [
        "all queries",
        "history of 5-19 events",
        "history of 20+ events",
        "other=1",
    ]
