import pytest

from pipeline.config_proposal.role_names import is_known_name
from pipeline.config_proposal.role_names import is_label_name
from pipeline.config_proposal.role_names import is_user_name
from pipeline.config_proposal.role_names import rank_event_role
from pipeline.config_proposal.role_names import rank_item_role


@pytest.mark.parametrize(
    "name", ["userId", "USER_ID", "user id", "user_id:token"]
)
def test_name_is_compared_without_signs_and_types(name):
    assert rank_event_role(name, "user_id") == 0


def test_better_names_rank_first():
    better = rank_event_role("product_id", "item_id")
    assert better < rank_event_role("sku", "item_id")
    assert rank_event_role("colour", "item_id") is None
    assert rank_item_role("genres", "categories") is not None


def test_ids_of_users_may_be_called_id_but_not_by_other_things():
    assert is_user_name("id")
    assert is_user_name("user_id")
    assert not is_user_name("tagID")


def test_labels_and_unknown_names():
    assert is_label_name("is_click")
    assert is_known_name("title")
    assert not is_known_name("colour")


def test_name_may_end_as_a_known_one():
    assert rank_event_role("fk_user_id", "user_id") is not None
    assert rank_event_role("valid", "item_id") is None
