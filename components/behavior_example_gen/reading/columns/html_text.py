"""Text that was written for a web page, as people read it."""

import html
import re

import pyarrow as pa
import pyarrow.compute as pc

_ODD = r"&(#[0-9xX]|[A-Za-z])[A-Za-z0-9]*;|</?[A-Za-z]"  # may be HTML
_INLINE = (
    "a|abbr|b|big|cite|code|em|font|i|label|s|small|span|strike|strong|sub|sup"
    "|tt|u"
)
_BLOCKS = (
    "article|blockquote|body|br|center|dd|div|dl|dt|figure|footer|form|h[1-6]"
    "|head|header|hr|html|iframe|img|input|li|link|meta|nav|object|ol|option|p"
    "|pre|section|select|table|tbody|td|tfoot|th|thead|tr|ul|video"
)
_SCRIPT = re.compile(r"(?is)<(script|style)\b.*?</\1\s*>")
_INLINE_TAG, _BLOCK_TAG = (
    re.compile(rf"(?i)</?(?:{tags})(?:\s[^<>]*)?/?>")
    for tags in (_INLINE, _BLOCKS)
)
_BLANKS = re.compile(r"[ \t\r\f\v\xa0]+")


def read_html(text: str) -> str:
    """Takes tags out of a text, and resolves entities such as &amp;.

    What is no tag of HTML stays: "a < b", "<Untitled>".
    """
    if "&" not in text and "<" not in text:
        return text
    plain = html.unescape(_drop_tags(_SCRIPT.sub(" ", text)))
    plain = _drop_tags(plain)  # some feeds escape the tags, too
    return text if plain == text else _BLANKS.sub(" ", plain).strip()


def _drop_tags(text: str) -> str:
    return _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", text))


def read_html_column(texts: pa.Array) -> pa.Array:
    """Does so in a column of strings; most cells are only looked at.

    A text of nothing but tags and blanks becomes null.
    """
    if not pc.any(pc.match_substring_regex(texts, _ODD)).as_py():
        return texts
    return pa.array(
        [
            None if text is None else read_html(text) or None
            for text in texts.to_pylist()
        ],
        pa.string(),
    )
