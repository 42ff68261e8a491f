"""Text that was written for a web page, as people read it."""

import html
import re

import pyarrow as pa
import pyarrow.compute as pc

_ODD = r"&(#[0-9xX]|[A-Za-z])[A-Za-z0-9]*;|</?[A-Za-z]"  # may be HTML
_TAGS = (
    "a|abbr|article|b|big|blockquote|body|br|center|cite|code|dd|div|dl|dt|em"
    "|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input"
    "|label|li|link|meta|nav|object|ol|option|p|pre|s|section|select|small"
    "|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul"
    "|video"
)
_SCRIPT = re.compile(r"(?is)<(script|style)\b.*?</\1\s*>")
_TAG = re.compile(rf"(?i)</?(?:{_TAGS})(?:\s[^<>]*)?/?>")
_BLANKS = re.compile(r"[ \t\r\f\v\xa0]+")


def read_html(text: str) -> str:
    """Takes tags out of a text, and resolves entities such as &amp;.

    What is no tag of HTML stays: "a < b", "<Untitled>".
    """
    if "&" not in text and "<" not in text:
        return text
    plain = html.unescape(_TAG.sub(" ", _SCRIPT.sub(" ", text)))
    plain = _TAG.sub(" ", plain)  # some feeds escape the tags, too
    return text if plain == text else _BLANKS.sub(" ", plain).strip()


def read_html_column(texts: pa.Array) -> pa.Array:
    """Does so in a column of strings; most cells are only looked at."""
    if not pc.any(pc.match_substring_regex(texts, _ODD)).as_py():
        return texts
    return pa.array(
        [
            None if text is None else read_html(text)
            for text in texts.to_pylist()
        ],
        pa.string(),
    )
