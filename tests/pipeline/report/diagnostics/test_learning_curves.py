"""Curves of training, and their numbers."""

from pipeline.report.diagnostics.learning_curves import render_learning_curves

CURVES = {
    "epoch_ndcg_at_10": {"validation": [(0, 0.1), (1, 0.25)]},
    "epoch_loss": {"train": [(0, 7.5), (1, 6.0)]},
    "evaluation_ndcg_at_10_vs_iterations": {"validation": [(91, 0.1)]},
}


def test_losses_come_first_and_no_curve_twice():
    html = render_learning_curves(CURVES)
    assert html.count("<figure>") == 2
    assert html.index("loss by epoch") < html.index("ndcg_at_10 by epoch")
    assert "vs_iterations" not in html


def test_words_tell_where_a_curve_begins_and_ends():
    html = render_learning_curves(CURVES)
    assert "loss by epoch: train from 7.5 to 6." in html
    assert "ndcg_at_10 by epoch: validation from 0.1 to 0.25." in html


def test_table_has_a_row_an_epoch_and_gaps_where_a_line_has_none():
    html = render_learning_curves(
        {"epoch_loss": {"train": [(0, 7.5), (1, 6.5)], "eval": [(1, 6.25)]}}
    )
    rows = html.partition("<table>")[2].split("</tr>")
    assert ">0<" in rows[1]
    assert ">7.5<" in rows[1]
    assert ">–<" in rows[1]
    assert ">6.25<" in rows[2]


def test_long_curve_has_a_short_table():
    html = render_learning_curves(
        {"loss": {"train": [(n, float(n)) for n in range(5000)]}}
    )
    assert "loss by step" in html
    assert html.count("<tr>") <= 201


def test_missing_curves_are_reported():
    assert "no curves" in render_learning_curves({})


def test_curve_that_does_not_move_is_told_and_not_drawn():
    html = render_learning_curves(
        {"epoch_learning_rate": {"train": [(0, 0.25), (1, 0.25)]}}
    )
    assert "learning_rate was 0.25 all the time." in html
    assert "<figure>" not in html
