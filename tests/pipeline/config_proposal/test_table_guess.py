from pipeline.config_proposal.table_guess import find_id_by_overlap
from pipeline.config_proposal.table_guess import find_label
from pipeline.config_proposal.table_guess import find_text
from pipeline.config_proposal.table_guess import find_time
from tests.pipeline.config_proposal.conftest import write_movies
from tests.pipeline.config_proposal.conftest import write_ratings


def test_names_tell_users_and_items(guess):
    found = guess("r.csv", write_ratings())
    assert found.roles == {"user_id": "userId", "item_id": "movieId"}
    assert "60 different in 600 rows" in found.describe_ids("user_id")


def test_without_names_repeated_ids_are_users_and_then_items(guess):
    found = guess("r.dat", write_ratings("::", header=False))
    assert found.roles == {"user_id": "0", "item_id": "1"}
    assert find_time(found) == "3"


def test_table_with_a_row_an_id_has_neither(guess):
    found = guess("m.dat", write_movies("::", header=False))
    assert found.roles == {}
    assert find_text(found) == "1"


def test_ids_of_another_table_are_found_whatever_their_name(guess):
    movies = guess("m.dat", write_movies("::", header=False))
    known = frozenset(str(item) for item in range(1, 41))
    assert find_id_by_overlap(movies, known) == "0"
    assert find_id_by_overlap(movies, frozenset(["x", "y"])) is None


def test_labels_are_columns_of_zero_and_one(guess):
    found = guess("n.csv", "user,item,label\nu,a,0\nu,b,1\nv,a,1\n")
    assert find_label(found) == "label"
    found = guess("p.csv", "user,item,vip\nu,a,0\nu,b,1\nv,a,1\n")
    assert find_label(found) is None


def test_objects_are_no_ids(guess):
    rows = ['{"user": {"id": 1}, "uid": "u1", "item": "a"}'] * 3
    found = guess("e.jsonl", "\n".join(rows))
    assert found.roles == {"user_id": "uid", "item_id": "item"}
