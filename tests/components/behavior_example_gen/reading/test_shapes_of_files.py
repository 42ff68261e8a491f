"""Files as people have them: what comes out, or the error in its words."""

import gzip

import pytest

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.reading import input_files
from components.behavior_example_gen.reading import readers
from components.behavior_example_gen.reading import typed_batches

_TWO = {"1": "Alpha", "2": "Beta"}
_BY_NAME = {"item_id": "id", "title": "name"}
_BY_PLACE = {"item_id": 0, "title": 1}
_EVENTS = {
    "path": "events.csv",
    "columns": {"user_id": "u", "item_id": "i", "timestamp": "t"},
    "default_event_type": "view",
}


@pytest.fixture
def read(tmp_path):
    """Returns a function that reads items from a file of a name.

    It returns titles by id, and (line, reason) of the rejects.
    """

    def read_items(name: str, content: bytes, **settings):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        (tmp_path / "events.csv").write_text("u,i,t\nu,1,1\n")
        items = {"path": str(path), "columns": _BY_NAME} | settings
        events = _EVENTS | {"path": str(tmp_path / "events.csv")}
        dataset = DatasetConfig(events=events, items=items)
        titles = {}
        rejects = []
        num_read = 0
        for file in input_files.list_files(dataset)[1:]:
            columns = typed_batches.wanted_columns(dataset.items)
            readers.check_header(file, dataset.items, columns)
            for batch in typed_batches.read_typed_batches(file, dataset, None):
                num_read += batch.num_read
                ids = batch.table["item_id"].to_pylist()
                names = batch.table["title"].to_pylist()
                titles |= dict(zip(ids, names, strict=True))
                rejects += [one[:2] for one in batch.list_rejects()]
        assert num_read == len(titles) + len(rejects)
        return titles, rejects

    return read_items


@pytest.mark.parametrize(
    ("name", "content", "settings"),
    [
        ("i.csv", "id,name\n1,Alpha\n2,Beta\n", {}),
        ("i.csv", "id,name\r\n1,Alpha\r\n2,Beta\r\n", {}),
        ("i.csv", 'name,x,id\n"Alpha","a,\nb",1\nBeta,,2', {}),
        ("i.csv", "id;name\n1;Alpha\n2;Beta\n", {"delimiter": ";"}),
        ("i.tsv", "id\tname\n1\tAlpha\n2\tBeta\n", {}),
        ("i.txt", "id|name\n1|Alpha\n2|Beta\n", {"delimiter": "|"}),
        (
            "movies.dat",
            "1::Alpha::x\n2::Beta::y\n",
            {"delimiter": "::", "header": "none", "columns": _BY_PLACE},
        ),
        (
            "u.item",
            "1|Alpha\n2|Beta\n",
            {"delimiter": "|", "header": ("id", "name")},
        ),
        ("x.item", "id:token\tname:token_seq\n1\tAlpha\n2\tBeta\n", {}),
        ("i.jsonl", '{"id":1,"name":"Alpha"}\n\n{"name":"Beta","id":2}', {}),
        ("i.json", '[{"id":1,"name":"Alpha"},{"id":2,"name":"Beta"}]', {}),
        ("i.json", "{'id': 1, 'name': 'Alpha'}\n{'id': 2, 'name': 'Beta'}", {}),
        ("i.csv/part-0.csv", "id,name\n1,Alpha\n2,Beta\n", {}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_two_items_are_read_from_every_shape(
    read, name, content, settings, encoding
):
    packed = gzip.compress(content.encode(encoding))
    assert read(name, packed, **settings) == (_TWO, [])
    assert read(name, content.encode(encoding), **settings) == (_TWO, [])


@pytest.mark.parametrize(
    ("content", "settings", "titles", "rejects"),
    [
        # A stray quote, and the one that would end it.
        (
            'id,name,x\n1,"Foo,a\n2,Bar,b\n3,Baz,"c\n4,Qux,d\n',
            {},
            {"2": "Bar", "4": "Qux"},
            [(2, "stray quote"), (4, "stray quote")],
        ),
        (
            'id,name,x\n1,"Foo,a\n2,Bar,b\n3,Baz,"c\n',
            {"quoting": "none"},
            {"1": '"Foo', "2": "Bar", "3": "Baz"},
            [],
        ),
        (
            'id,name\n1,"The \\"Best\\", ever"\n',
            {"escape": "\\"},
            {"1": 'The "Best", ever'},
            [],
        ),
        ("id,name\n1,Foo,x\n2,Bar\n", {}, {"2": "Bar"}, [(2, "wrong number")]),
        (
            'id,name\n1,"two\nlines"\n,Bar\n',
            {},
            {"1": "two\nlines"},
            [(4, "missing item_id")],
        ),
        ("a,1\n", {"header": ("name", "id")}, {"1": "a"}, []),
    ],
)
def test_odd_rows_are_read_or_named(read, content, settings, titles, rejects):
    found, unused = read("i.csv", content.encode(), **settings)
    assert {key: text.split() for key, text in found.items()} == {
        key: text.split() for key, text in titles.items()
    }
    assert [line for line, _ in unused] == [line for line, _ in rejects]
    for (_, reason), (_, expected) in zip(unused, rejects, strict=True):
        assert reason.startswith(expected)


@pytest.mark.parametrize(
    ("name", "content", "settings", "message"),
    [
        ("i.csv", b"id;name\n1;a\n", {}, r'set `delimiter: ";"`'),
        ("i.txt", b"id\tname\n1\ta\n", {}, r'set `delimiter: "\\t"`'),
        ("i.csv", b"1,Alpha\n", {}, "set `header: none`"),
        ("i.csv", b"id,title\n1,a\n", {}, r"'name'.*\['id', 'title'\]"),
        ("i.csv", b"PK\x03\x04", {}, "an Excel workbook"),
        ("i.parquet", b"id,name\n1,a\n", {}, "readable parquet"),
        ("i.csv", "id,name\n1,中文\n".encode("gbk"), {}, "gb18030"),
        ("i.csv", b"id,name\n1,a\n", {"encoding": "utf-16"}, "utf-16"),
        ("i.csv", b'id,name\n1,"a \\"b\\" c"\n', {}, r"set `escape: '\\'`"),
        (
            "i.csv",
            b"1,a\n",
            {"header": "none", "columns": {"item_id": 0, "title": 2}},
            "position 2.*the 2 columns",
        ),
    ],
)
def test_error_names_the_setting_that_helps(
    read, name, content, settings, message
):
    with pytest.raises(ValueError, match=message):
        read(name, content, **settings)
