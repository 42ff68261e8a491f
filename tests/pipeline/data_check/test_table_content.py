import dataclasses

from components.behavior_example_gen.reading import input_files
from pipeline.data_check.table_content import read_content


def _read(config, name):
    files = input_files.list_files(config.dataset)
    return read_content(config.dataset, name, files, 1000)


def test_first_row_of_an_id_stays_and_the_others_are_counted(write_config):
    items = "item,title\na,Alpha\nb,Beta\na,Again\n"
    content = _read(write_config("user,item,time\n", items), "items")
    assert content.rows["title"].to_pylist() == ["Alpha", "Beta"]
    assert content.counts["rejected"] == {"duplicate item_id": 1}
    where = content.tallies["items", "duplicate item_id"].where
    assert where.endswith("items.csv:4")


def test_row_of_a_later_table_replaces_and_is_no_fault(write_config, tmp_path):
    (tmp_path / "more.csv").write_text("item,title\nb,Better\nc,Gamma\n")
    columns = {"item_id": "item", "title": "title"}
    more = {"path": str(tmp_path / "more.csv"), "columns": columns}
    config = write_config("user,item,time\n", dataset={"more_items": [more]})
    content = _read(config, "items")
    assert content.rows["title"].to_pylist() == ["Alpha", "Better", "Gamma"]
    assert content.counts == {
        "read": 4,
        "used": 3,
        "replaced": 1,
        "rejected": {},
    }


def test_column_that_a_later_table_lacks_stays_that_of_the_earlier(
    write_config, tmp_path
):
    items = "item,title,about\na,Alpha,First letter\nb,Beta,Second\n"
    (tmp_path / "more.csv").write_text("item,title\na,Aleph\n")
    columns = {"item_id": "item", "title": "title"}
    more = {"path": str(tmp_path / "more.csv"), "columns": columns}
    config = write_config(
        "user,item,time\n",
        items,
        items_config={"columns": {**columns, "description": "about"}},
        dataset={"more_items": [more]},
    )
    rows = _read(config, "items").rows
    assert rows["title"].to_pylist() == ["Aleph", "Beta"]
    assert rows["description"].to_pylist() == ["First letter", "Second"]


def test_items_in_the_file_of_the_events_may_come_again(write_config, tmp_path):
    events = "user,item,time,title\nu,a,1,Alpha\nu,b,2,Beta\nv,a,3,Alpha\n"
    path = str(tmp_path / "events.csv")
    content = _read(
        write_config(events, None, items_config={"path": path}), "items"
    )
    assert content.rows["title"].to_pylist() == ["Alpha", "Beta"]
    assert content.counts["rejected"] == {}
    assert content.counts["replaced"] == 1


def test_title_may_stand_in_another_row_of_the_events(write_config, tmp_path):
    events = "user,item,time,title\nu,a,1,\nv,a,2,Alpha\nv,b,3,\nw,b,4,\n"
    path = str(tmp_path / "events.csv")
    content = _read(
        write_config(events, None, items_config={"path": path}), "items"
    )
    assert content.rows["title"].to_pylist() == ["Alpha"]
    assert content.counts == {
        "read": 4,
        "used": 1,
        "replaced": 2,
        "rejected": {"missing title": 1},
    }
    where = content.tallies["items", "missing title"].where
    assert where.endswith("events.csv:4")


def test_rows_of_people_under_pseudonyms_are_not_shown(write_config):
    config = write_config("user,item,time\nu,a,noon\n")
    assert "noon" in _read(config, "events").examples["unparsable timestamp"]
    hidden = dataclasses.replace(config.dataset, pseudonymise_key_file="key")
    config = dataclasses.replace(config, dataset=hidden)
    assert _read(config, "events").examples == {}
