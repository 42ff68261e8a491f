from dataclasses import field

import pytest
from pydantic import TypeAdapter
from pydantic import ValidationError
from pydantic.dataclasses import dataclass

from schemas.settings_file import describe_problems
from schemas.settings_file import read_settings


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class _Place:
    host: str
    port: int = 80


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class _Settings:
    name: str = "n"
    places: tuple[_Place, ...] = ()
    by_name: dict[str, _Place] = field(default_factory=dict)


def _describe(values, secret=None):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(_Settings).validate_python(values)
    return describe_problems(caught.value, _Settings, secret)


def _read(tmp_path, content: bytes):
    (tmp_path / "s.yaml").write_bytes(content)
    return read_settings(tmp_path / "s.yaml")


def test_settings_are_read(tmp_path):
    assert _read(tmp_path, b"a: {b: [1]}") == {"a": {"b": [1]}}
    assert _read(tmp_path, b"# nothing yet\n") == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"- 1", "Received: list"),
        (b"text", "Received: str"),
        (b"a: [", "must be YAML"),
        (b"\xff\xfe\x00", "must be YAML"),
        (b"a: {b: 1, b: 2}", "`b` stands twice"),
        (b"!!python/object/apply:os.getcwd []", "must be YAML"),
    ],
)
def test_what_is_no_mapping_is_refused(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        _read(tmp_path, content)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            {"nam": "x"},
            "  `nam` is not a setting. Allowed here: by_name, name, places.",
        ),
        (
            {"places": [{"host": "h", "prt": 1}]},
            "  `places.0.prt` is not a setting. Allowed here: host, port.",
        ),
        (
            {"by_name": {"a": {"host": "h", "prt": 1}}},
            "  `by_name.a.prt` is not a setting. Allowed here: host, port.",
        ),
        ({"by_name": {"a": {}}}, "  `by_name.a.host` must be set."),
    ],
)
def test_problem_is_told_with_its_key(values, line):
    assert _describe(values) == [line]


def test_merged_keys_are_taken(tmp_path):
    text = b"base: &base {x: 1, y: 2}\nown:\n  <<: *base\n  y: 3\n"
    assert _read(tmp_path, text)["own"] == {"x": 1, "y": 3}


@pytest.mark.parametrize(
    "line",
    [
        b"state: redis://:geheim@h:6379/0: x",
        b"state: 'redis://:geheim@h",
        b"state: @redis://:geheim@h",
        b"state: redis://:geheim@h\nstate: redis://:geheim@h",
    ],
)
def test_line_that_is_no_yaml_is_not_repeated(tmp_path, line):
    with pytest.raises(ValueError, match=r"in line \d, column \d") as caught:
        _read(tmp_path, line)
    assert "geheim" not in str(caught.value)


def test_unknown_key_is_not_told_where_values_may_be_secret():
    values = {"places": [{"host:geheim": None}]}
    lines = _describe(values, secret="places")
    assert "geheim" not in str(lines)
    assert lines[-1].endswith("Allowed here: host, port.")
    plain = _describe({"places": [{"hos": 1}]}, secret="places")
    assert "`places.0.hos` is not a setting." in str(plain)


def test_value_is_told_unless_it_may_be_secret():
    values = {"name": 1, "places": [{"host": "h", "port": "geheim"}]}
    name, port = _describe(values, secret="places")
    assert name.startswith("  `name`: ")
    assert name.endswith("Received: 1.")
    assert port.startswith("  `places.0.port`: ")
    assert "geheim" not in port
