"""Titles and categories in the projector."""

import numpy as np

from trainer.fitting.training_log import write_projector
from trainer.inputs.item_table import ItemTable


def test_titles_stand_beside_their_vectors_most_popular_first(tmp_path):
    items = ItemTable(
        item_ids=np.array(["a", "b"], object),
        text_vectors=np.zeros((2, 2), np.float32),
        category_ids=np.array([[-1, -1], [1, 0]], np.int32),
        categories=("x", "y"),
        counts=np.array([1, 9], np.int64),
        prices=np.zeros(2, np.float32),
        created_at=np.zeros(2),
    )
    vectors = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    write_projector(str(tmp_path), items, ["Tab\there", "Two"], vectors)
    assert (tmp_path / "items.tsv").read_text().split() == [
        "3.00000",
        "4.00000",
        "1.00000",
        "2.00000",
    ]
    assert (tmp_path / "titles.tsv").read_text().splitlines() == [
        "title\tcategory\tall categories\ttrain events\titem id",
        "Two\ty\ty, x\t9\tb",
        "Tab here\t\t\t1\ta",
    ]
    assert "items.tsv" in (tmp_path / "projector_config.pbtxt").read_text()
