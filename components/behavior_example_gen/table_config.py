"""Where the rows of a table are, and how its files are written."""

import codecs
from collections.abc import Iterable
from typing import Annotated
from typing import Literal

from pydantic import AfterValidator
from pydantic import BeforeValidator
from pydantic import Field
from pydantic.dataclasses import dataclass

FileFormat = Literal["csv", "jsonl", "parquet"]
Quoting = Literal["standard", "none"]
Header = Literal["first_line", "none"] | tuple[str, ...]

_FORMAT_OF_SUFFIX = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".dat": "csv",  # of MovieLens and HetRec
    ".inter": "csv",  # of RecBole, as the next two
    ".item": "csv",
    ".user": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
# As pandas, R, Excel and databases write a missing value. Blank cells are
# missing, too.
NULL_WORDS = (
    *("nan", "NaN", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaT"),
    *("null", "NULL", "Null", "None", "\\N", "-"),
)
_PACKED_SUFFIXES = (".gz", ".bz2", ".zst")
# Files of these names are written with tabs and without quotes.
_TAB_SUFFIXES = (".tsv", ".inter", ".item", ".user")


def _read_name(value: object) -> object:
    """YAML reads a bare `on` as true and a bare 0 as a number."""
    if value is None or isinstance(value, bool):
        raise ValueError(
            f"must be a name. Received: {value!r}, which is how YAML reads "
            "on, off, yes, no, true, false and null. Remedy: write the name "
            "in quotes, such as 'on'."
        )
    return str(value) if isinstance(value, int | float) else value


def _check_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
        "".encode(name)  # not one of bytes to bytes, such as zip
    except LookupError as error:
        raise ValueError(
            "must be an encoding that Python knows, such as utf-8, utf-16, "
            f"latin-1, cp1251, gb18030 or shift_jis. Received: {name!r}."
        ) from error
    return name


def _read_delimiter(value: object) -> object:
    r"""YAML reads a bare \t as two characters."""
    if isinstance(value, str) and set(value) & set('"\r\n'):
        raise ValueError(
            f"must hold no quote and no line break. Received: {value!r}."
        )
    return "\t" if value == r"\t" else value


def _check_path(path: str) -> str:
    if not path.strip(" /"):
        raise ValueError(
            "must name a file, a folder or a glob, and not a whole machine. "
            f"Received: {path!r}."
        )
    return path


InputPath = Annotated[str, AfterValidator(_check_path)]
Name = Annotated[str, BeforeValidator(_read_name)]
Delimiter = Annotated[
    str, Field(min_length=1), BeforeValidator(_read_delimiter)
]
Encoding = Annotated[str, AfterValidator(_check_encoding)]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class TableConfig:
    """The files of a table. `path` is a glob and may hold spans.

    A path may also name a folder, such as Spark writes: all files below it
    are read, except those whose names begin with `_` or a dot.

    `{SPAN}`, `{SPAN:width}`, `{YYYY}{MM}{DD}`, `{VERSION}` and
    `{VERSION:width}` mean what they mean to TFX: the spans that the dataset's
    `spans` chooses, and of each its latest version.

    From `delimiter` to `header` the settings are those of CSV files, `encoding`
    also of JSON.
    """

    path: InputPath | tuple[InputPath, ...]
    format: FileFormat | None = None  # None: by the suffix
    delimiter: Delimiter | None = None  # one or more characters; None: a tab in
    # .tsv and RecBole's files, a comma in others
    quoting: Quoting | None = None  # standard: a quote that begins a cell ends
    # with another one; none: quotes are characters. None: none in .tsv,
    # RecBole's files and with a delimiter of several characters
    escape: Annotated[str, Field(pattern="^[!-~]$")] | None = None
    # what stands before a quote within quotes, such as \; None: a quote
    encoding: Encoding | None = None  # None: UTF-8 or UTF-16, or told by trying
    header: Header = "first_line"  # none: columns are known by position, from
    # 0; or the names of all columns of a file without a header
    null_words: tuple[str, ...] = NULL_WORDS  # cells that mean "missing"
    decimal: Literal[".", ","] | None = None  # the mark before decimals; None:
    # by the number, and 1,299 is refused because it may be either

    def paths(self) -> tuple[str, ...]:
        """Returns all paths."""
        return (self.path,) if isinstance(self.path, str) else self.path

    def file_format(self) -> FileFormat:
        """Returns the format; by the suffix if none is set.

        Raises:
            ValueError: the suffix is unknown and `format` is not set.
        """
        if self.format:
            return self.format
        found = {_format_of(path) for path in self.paths()}
        if len(found) == 1 and None not in found:
            return found.pop()
        raise ValueError(
            "`path` must end in one of "
            f"{', '.join(_FORMAT_OF_SUFFIX)} (or that and "
            f"{', '.join(_PACKED_SUFFIXES)}), or `format` must be set. "
            f"Received: path={self.path!r}."
        )

    def cell_delimiter(self) -> str:
        """Returns what stands between two cells of a line."""
        if self.delimiter:
            return self.delimiter
        return "\t" if self._is_tab_file() else ","

    def has_quotes(self) -> bool:
        """Tells whether quotes around a cell are no part of it."""
        if self.quoting:
            return self.quoting == "standard"
        return not self._is_tab_file() and len(self.cell_delimiter()) == 1

    def check_layout(self, columns: Iterable[str]) -> None:
        """Checks that format and columns go together.

        Args:
            columns: those that are mapped.

        Raises:
            ValueError: the format is unknown, one sign means two things, or a
                file without a header has no such column, or two of them.
        """
        self.file_format()
        if self.escape and self.escape in self.cell_delimiter():
            raise ValueError(
                "`escape` must be no part of the delimiter. Received: "
                f"escape={self.escape!r}, delimiter={self.cell_delimiter()!r}."
            )
        for name in columns:
            if self.header == "none" and not name.isdecimal():
                raise ValueError(
                    "with `header: none` columns must be positions, from 0. "
                    f"Received: {name!r}. Remedy: give the positions, or list "
                    "the names of all columns as `header`."
                )
            if isinstance(self.header, tuple) and name not in self.header:
                raise ValueError(
                    f"`header` must list the column {name!r}. "
                    f"Received: {list(self.header)}."
                )
            if isinstance(self.header, tuple) and self.header.count(name) > 1:
                raise ValueError(
                    f"`header` must list the column {name!r} once. "
                    f"Received: {list(self.header)}."
                )

    def _is_tab_file(self) -> bool:
        return all(_stem(p).endswith(_TAB_SUFFIXES) for p in self.paths())


def _stem(path: str) -> str:
    stem = path.lower().rstrip("/")
    for suffix in _PACKED_SUFFIXES:
        stem = stem.removesuffix(suffix)
    return stem


def _format_of(path: str) -> FileFormat | None:
    folder = path.rpartition("/")[0]
    for stem in (_stem(path), _stem(folder)):
        for suffix, name in _FORMAT_OF_SUFFIX.items():
            if stem.endswith(suffix):
                return name
    return None
