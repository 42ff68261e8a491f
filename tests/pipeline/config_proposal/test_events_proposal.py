from pipeline.config_proposal.events_proposal import propose_events
from pipeline.config_proposal.setting import to_values
from tests.pipeline.config_proposal.conftest import START
from tests.pipeline.config_proposal.conftest import write_ratings


def _write(column, cells):
    rows = [
        f"u{n % 7},i{n % 11},{cell},{START + n}" for n, cell in enumerate(cells)
    ]
    return "\n".join([f"user,item,{column},time", *rows, ""])


def test_ratings_have_a_type_and_a_bound_from_their_distribution(guess):
    table = guess("r.csv", write_ratings())
    proposal = propose_events(table)
    assert table.roles["value"] == "rating"
    assert table.roles["timestamp"] == "timestamp"
    # Of six stars four are 4 or more and two are 5: 67% and 33%; 55% is
    # wanted.
    assert to_values(proposal.settings) == {
        "default_event_type": "rate",
        "positive_value": 4,
    }
    assert any("positive_value: 4" in text for text in proposal.undecided)


def test_types_are_translated_and_counted(guess):
    kinds = ["pageview"] * 6 + ["Add-To-Cart"] * 3 + ["transaction", "teleport"]
    kinds += ["remove_from_cart"]
    proposal = propose_events(guess("e.csv", _write("event", kinds)))
    (types,) = proposal.settings
    assert to_values(types.value) == {
        "pageview": "view",
        "Add-To-Cart": "cart",
        "transaction": "purchase",
        "teleport": "ignore",
        "remove_from_cart": "ignore",
    }
    assert types.value[0].why == "6 rows"
    (told,) = proposal.undecided
    assert "'teleport'" in told


def test_reviews_are_ratings_with_a_text(guess):
    rows = _write(
        "stars,review", [f"{n % 5 + 1},it is good" for n in range(20)]
    )
    table = guess("e.csv", rows)
    values = to_values(propose_events(table).settings)
    assert values["default_event_type"] == "review"
    assert table.roles["text"] == "review"


def test_amounts_of_plays_are_counts(guess):
    table = guess("e.csv", _write("plays", range(1, 300)))
    values = to_values(propose_events(table).settings)
    assert values == {"value": "count", "default_event_type": "listen"}


def test_labels_of_what_was_shown_are_negatives(guess):
    table = guess("e.csv", _write("clicked", [0, 1] * 10))
    values = to_values(propose_events(table).settings)
    assert values == {"negatives": "clicked", "default_event_type": "click"}


def test_name_of_the_file_may_tell_what_people_did(guess):
    rows = [f"u{n % 7},i{n % 11},{START + n}" for n in range(30)]
    text = "\n".join(["user,item,time", *rows])
    proposal = propose_events(guess("orders-2020.csv", text))
    assert to_values(proposal.settings) == {"default_event_type": "purchase"}
    unknown = propose_events(guess("data.csv", text))
    assert to_values(unknown.settings) == {"default_event_type": "click"}
    assert any("default_event_type" in text for text in unknown.undecided)


def test_events_without_times_have_no_order(guess):
    rows = [f"u{n % 7},i{n % 11}" for n in range(30)]
    proposal = propose_events(guess("e.csv", "\n".join(["user,item", *rows])))
    assert to_values(proposal.settings)["order"] == "none"
    assert not proposal.has_times
    assert any("order: file" in text for text in proposal.undecided)
