"""A slate that is shorter than asked says why."""

from tests.serving.gateway.calls import ask
from tests.serving.gateway.calls import list_ids


def test_slate_that_is_short_says_which_rules_left_how_many(client):
    # Half of the 20 items are comedies, two of these cost 15 or more.
    constraints = {
        "allowed_categories": ["comedy"],
        "min_price": 15,
        "excluded_item_ids": ["i16"],
    }
    slate = ask(client, k=10, constraints=constraints)
    assert sorted(list_ids(slate)) == ["i18"]
    told = [(one["rule"], one["left"]) for one in slate["short_because"]]
    assert told == [
        ("catalogue", 20),
        ("allowed_categories", 10),
        ("price", 2),
        ("excluded_item_ids", 1),
    ]
    none = ask(client, k=10, constraints={"min_price": 100})
    assert none["items"] == []
    assert none["short_because"][-1]["text"] == "None of them cost 100 or more."


def test_slate_as_long_as_asked_and_similar_items_say_so_too(client):
    assert ask(client, k=20)["short_because"] == []
    similar = client.get("/v1/similar?item_id=i05&k=20").json()
    told = [(one["rule"], one["left"]) for one in similar["short_because"]]
    assert told == [("catalogue", 20), ("history", 19)]


def test_slate_of_a_stand_in_that_knows_nothing_says_so(lonely_client):
    slate = ask(lonely_client, k=5)
    assert slate["items"] == []
    last = slate["short_because"][-1]
    assert (last["rule"], last["left"]) == ("stand_in", 0)


def test_braces_in_the_name_of_a_category_are_told_as_they_are(client):
    names = ["{x}", "{kept:>300000000}", "%s {taken} {0}"]
    slate = ask(client, constraints={"allowed_categories": names})
    assert slate["short_because"][-1]["text"] == (
        "None of them are in {x} or {kept:>300000000} or %s {taken} {0}."
    )
    excluded = {"excluded_categories": ["{x}", "comedy"]}
    slate = ask(client, constraints=excluded, k=20)
    assert slate["short_because"][-1]["text"] == (
        "All but 10 of them are in {x} or comedy."
    )
