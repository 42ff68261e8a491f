"""Writes a column as people have it, and reads it as ingest does."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
import pytest

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.reading import input_files
from components.behavior_example_gen.reading import typed_batches

_COLUMNS = {
    "events": {
        "user_id": "user",
        "item_id": "item",
        "timestamp": "at",
        "event_type": "kind",
        "value": "value",
        "text": "text",
    },
    "items": {
        "item_id": "id",
        "title": "title",
        "description": "plot",
        "categories": "tags",
        "price": "price",
        "created_at": "born",
    },
}
_ROWS = {
    "events": {
        "user": "u",
        "item": "i",
        "at": 1_577_836_800,  # 2020-01-01, by `date -u -d 2020-01-01 +%s`
        "kind": "view",
        "value": None,
        "text": None,
    },
    "items": {
        "id": "i",
        "title": "Alpha",
        "plot": None,
        "tags": None,
        "price": None,
        "born": None,
    },
}
_OUT = {"user": "user_id", "item": "item_id", "at": "timestamp"} | {
    "kind": "event_type",
    "id": "item_id",
    "tags": "categories",
    "plot": "description",
    "born": "created_at",
}


def _write(folder, form, table, column, values):
    rows = [{**_ROWS[table], column: value} for value in values]
    path = folder / f"{table}.{form}"
    if form == "csv":
        pd.DataFrame(rows).to_csv(path, index=False)
    elif form == "jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    else:
        arrow_parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


@pytest.fixture
def read_column(tmp_path):
    """Returns a function that tells what became of a column.

    Its arguments: table, column and values of the file, its format, and
    settings of the table. Its results: the typed values, and {reason:
    sentence} of what was rejected or left empty.
    """

    def read(table, column, values, form="csv", **settings):
        return _read(tmp_path, table, column, values, form, settings)

    return read


def _read(folder, table, column, values, form, settings):
    (folder / "other.csv").write_text("a,b\nc,d\n")
    tables = {
        name: {"path": str(folder / "other.csv"), "columns": columns}
        for name, columns in _COLUMNS.items()
    }
    path = _write(folder, form, table, column, values)
    tables[table] |= {"path": str(path)} | settings
    dataset = DatasetConfig(**tables)
    (file,) = (
        one for one in input_files.list_files(dataset) if one.table == table
    )
    (batch,) = typed_batches.read_typed_batches(file, dataset, None)
    faults = {
        reason: tally.describe(reason).replace(f"{path}:", "line ")
        for reason, tally in batch.count_faults(str(path)).items()
    }
    assert batch.num_read == len(values)
    return batch.table[_OUT.get(column, column)].to_pylist(), faults
