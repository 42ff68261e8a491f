"""Ids in paths: any text, with slashes and line breaks."""

from starlette.convertors import Convertor
from starlette.convertors import register_url_convertor


class _AnyText(Convertor[str]):
    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


def register_any_text() -> None:
    """Lets the paths of routes hold `{name:any_text}`; twice is fine."""
    register_url_convertor("any_text", _AnyText())
