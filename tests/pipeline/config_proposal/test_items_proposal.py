from pipeline.config_proposal.items_proposal import propose_items
from pipeline.config_proposal.items_proposal import propose_users
from pipeline.config_proposal.setting import to_values
from tests.pipeline.config_proposal.conftest import write_movies


def test_titles_and_categories_are_found_without_names(guess):
    table = guess("m.dat", write_movies("::", header=False))
    table.assign("item_id", "0", "ids")
    assert propose_items(table) == []  # | divides categories anyway
    assert table.roles == {"item_id": "0", "title": "1", "categories": "2"}


def test_named_columns_get_their_roles_and_settings(guess):
    rows = [
        f"s{n};Thing number {n};A long text about it;a, b;{n}.50;{1990 + n % 9}"
        for n in range(30)
    ]
    head = "sku;name;description;tags;price;year"
    table = guess("i.csv", "\n".join([head, *rows]))
    table.assign("item_id", "sku", "ids")
    assert to_values(propose_items(table)) == {
        "category_separator": ",",
        "timestamp_format": "%Y",
    }
    assert table.roles == {
        "item_id": "sku",
        "title": "name",
        "description": "description",
        "categories": "tags",
        "price": "price",
        "created_at": "year",
    }


def test_lists_of_texts_are_descriptions(guess):
    row = '{"asin": "a%d", "title": "A %d", "description": ["So good."]}'
    rows = [row % (n, n) for n in range(9)]
    table = guess("i.jsonl", "\n".join(rows))
    table.assign("item_id", "asin", "ids")
    propose_items(table)
    assert table.roles["description"] == "description"


def test_items_without_any_text_are_known_by_their_id(guess):
    table = guess("i.csv", "sku,colour\n" + "s1,red\ns2,blue\ns3,red\n")
    table.assign("item_id", "sku", "ids")
    propose_items(table)
    assert table.roles["title"] == "sku"
    assert "no column holds titles" in table.reasons["title"]


def test_users_have_attributes_and_sensitive_ones(guess):
    rows = [
        f"u{n},{'MF'[n % 2]},{20 + n % 30},{'abc'[n % 3]},mail{n}@x.org,{n:05}"
        for n in range(300)
    ]
    table = guess("u.csv", "\n".join(["id,g,age,plan,mail,zip", *rows]))
    table.assign("user_id", "id", "ids")
    assert to_values(propose_users(table)) == {
        "attributes": {"plan": "text"},
        "sensitive": {"g": "text", "age": "number"},
    }
