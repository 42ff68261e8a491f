import pytest
from pydantic import TypeAdapter
from pydantic import ValidationError

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.config import EventsConfig
from components.behavior_example_gen.config import UsersConfig
from components.behavior_example_gen.table_config import TableConfig

_COLUMNS = {"user_id": "u", "item_id": "i", "timestamp": "t"}


def _events(**settings) -> EventsConfig:
    settings = {
        "path": "e.csv",
        "columns": _COLUMNS,
        "default_event_type": "view",
    } | settings
    return TypeAdapter(EventsConfig).validate_python(settings)


@pytest.mark.parametrize(
    ("path", "delimiter", "has_quotes"),
    [
        ("e.csv", ",", True),
        ("e.TSV.gz", "\t", False),
        ("e.tsv.bz2", "\t", False),
        ("e.csv.zst", ",", True),
        ("ml-1m.inter", "\t", False),
        ("u.item", "\t", False),
        (("a.tsv", "b.tsv"), "\t", False),
        ("spark.csv/", ",", True),
    ],
)
def test_suffix_tells_delimiter_and_quotes(path, delimiter, has_quotes):
    table = TableConfig(path=path)
    assert table.file_format() == "csv"
    assert table.cell_delimiter() == delimiter
    assert table.has_quotes() is has_quotes


def test_settings_go_before_the_suffix():
    table = TableConfig(path="e.tsv", delimiter="|", quoting="standard")
    assert (table.cell_delimiter(), table.has_quotes()) == ("|", True)


def test_delimiter_of_several_characters_goes_without_quotes():
    assert not TableConfig(path="e.dat", delimiter="::").has_quotes()


def test_backslash_t_is_a_tab():
    assert TableConfig(path="e.txt", delimiter=r"\t").cell_delimiter() == "\t"


def test_paths_of_two_formats_are_refused():
    with pytest.raises(ValueError, match=r"`format`.*a\.csv.*b\.jsonl"):
        TableConfig(path=("a.csv", "b.jsonl")).file_format()


@pytest.mark.parametrize("path", ["", " ", "/", ["e.csv", ""]])
def test_path_that_would_be_a_whole_machine_is_refused(path):
    with pytest.raises(ValidationError, match="must name a file"):
        _events(path=path, format="csv")


@pytest.mark.parametrize("delimiter", ['"', "\n", "\r\n", ',"'])
def test_delimiter_that_ends_cells_or_lines_is_refused(delimiter):
    with pytest.raises(ValidationError, match="no quote and no line break"):
        _events(delimiter=delimiter)


@pytest.mark.parametrize(
    ("escape", "delimiter"), [(",", None), (";", ";"), (":", "::")]
)
def test_escape_that_is_a_delimiter_is_refused(escape, delimiter):
    with pytest.raises(ValidationError, match=f"escape='{escape}'"):
        _events(escape=escape, delimiter=delimiter)


def test_encoding_that_python_lacks_is_named():
    with pytest.raises(ValidationError, match=r"gb18030.*'utf-99'"):
        _events(encoding="utf-99")


def test_positions_are_numbers_in_yaml():
    columns = {"user_id": 0, "item_id": 1, "timestamp": 3}
    found = _events(header="none", columns=columns).columns
    assert found == {"user_id": "0", "item_id": "1", "timestamp": "3"}


def test_names_without_a_header_are_refused():
    with pytest.raises(ValidationError, match=r"positions.*'u'"):
        _events(header="none")


def test_listed_header_must_name_the_mapped_columns():
    _events(header=["u", "x", "i", "t"])
    with pytest.raises(ValidationError, match=r"'t'.*\['u', 'i'\]"):
        _events(header=["u", "i"])
    _events(header=["u", "x", "i", "t", "x"])
    with pytest.raises(ValidationError, match=r"'u' once.*\['u', 'u', 'i'"):
        _events(header=["u", "u", "i", "t"])
    with pytest.raises(ValidationError, match=r"'sex'.*\['u'\]"):
        TypeAdapter(UsersConfig).validate_python(
            {
                "path": "u.csv",
                "columns": {"user_id": "u"},
                "sensitive": {"sex": "text"},
                "header": ["u"],
            }
        )


def test_bare_on_of_yaml_is_refused_with_the_remedy():
    with pytest.raises(ValidationError, match=r"True.*in quotes.*'on'"):
        _events(columns=_COLUMNS | {"timestamp": True})
    with pytest.raises(ValidationError, match=r"False.*in quotes"):
        _events(event_types={False: "view"})


def test_number_of_yaml_is_the_name_of_an_event_type():
    assert _events(event_types={0: "view", 1: "click"}).event_types == {
        "0": "view",
        "1": "click",
    }


@pytest.mark.parametrize("spans", ["newest", "all", "last 1", "last 30"])
def test_spans_say_how_many(spans):
    assert _dataset(spans).spans == spans


@pytest.mark.parametrize("spans", ["last 0", "last", "7", "oldest"])
def test_other_words_for_spans_are_refused(spans):
    with pytest.raises(ValidationError, match=rf"last 7.*{spans!r}"):
        _dataset(spans)


def _dataset(spans: str) -> DatasetConfig:
    items = {"path": "i.csv", "columns": {"item_id": "i", "title": "t"}}
    return TypeAdapter(DatasetConfig).validate_python(
        {"events": _events(), "items": items, "spans": spans}
    )
