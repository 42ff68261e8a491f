import pytest

from serving.query import Query


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match=r"`values` must .* \(2\).*: 1 entr"):
        Query(item_ids=["a", "b"], values=[1.0])


def test_empty_item_id_is_refused():
    with pytest.raises(ValueError, match="mark padding"):
        Query(item_ids=["a", ""])


def test_empty_history_is_legal():
    assert Query().item_ids == ()
