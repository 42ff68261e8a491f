from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.config import UsersConfig
from components.behavior_example_gen.reading import input_files
from components.behavior_example_gen.reading import typed_batches


def _read(tmp_path, events):
    (tmp_path / "events.csv").write_text(events)
    (tmp_path / "items.csv").write_text("id,name\na,Alpha\n")
    dataset = DatasetConfig(
        events={
            "path": str(tmp_path / "events.csv"),
            "columns": {"user_id": "u", "item_id": "i", "timestamp": "t"},
            "default_event_type": "view",
        },
        items={
            "path": str(tmp_path / "items.csv"),
            "columns": {"item_id": "id", "title": "name"},
        },
    )
    file, _ = input_files.list_files(dataset)
    (batch,) = typed_batches.read_typed_batches(file, dataset, None)
    return batch


def test_rows_read_are_rows_used_and_rows_named(tmp_path):
    batch = _read(tmp_path, "u,i,t\nu1,a,1\nu2,,2\nu3,a\nu4,a,4\n")
    assert batch.num_read == 4
    assert batch.table["user_id"].to_pylist() == ["u1", "u4"]
    assert batch.lines.tolist() == [2, 5]
    unused = {line: reason for line, reason, _ in batch.list_rejects()}
    assert unused == {3: "missing item_id", 4: "wrong number of columns"}


def test_unused_row_is_told_as_the_file_spells_it(tmp_path):
    ((_, _, row),) = _read(tmp_path, "u,i,t\nu1,a,noon\n").list_rejects()
    assert "noon" in row


def test_columns_wanted_are_named_once():
    config = UsersConfig(
        path="u.csv",
        columns={"user_id": "id"},
        attributes={"age": "number"},
        sensitive={"sex": "text"},
    )
    assert typed_batches.wanted_columns(config) == ["id", "age", "sex"]
