import pyarrow as pa
import pytest

from components.behavior_example_gen.reading.columns import html_text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Shoes &amp; Jewelry", "Shoes & Jewelry"),
        ("caf&#233; &#x41;", "café A"),
        ("<p>A <b>good</b> one.<br/>Really.</p>", "A good one. Really."),
        ('<a href="x">here</a>, H<sub>2</sub>O', "here, H2O"),
        ("<li>one</li><li>two</li>", "one two"),
        ("<script>var a = 1;</script>Text", "Text"),
        ("&lt;p&gt;Fed&lt;/p&gt;", "Fed"),
        ("a < b", "a < b"),
        ("I <3 you", "I <3 you"),
        ("<Untitled>", "<Untitled>"),
        ("AT&T; Bell", "AT&T; Bell"),
        ("a\n\nb", "a\n\nb"),
    ],
)
def test_text_is_as_people_read_it(text, plain):
    column = pa.array([text, None, "x"])
    found = html_text.read_html_column(column)
    assert found.to_pylist() == [plain, None, "x"]


@pytest.mark.parametrize("text", ["&nbsp;", "<br>", "<script>x</script>"])
def test_text_of_nothing_but_html_is_missing(text):
    column = pa.array([text, "x"])
    assert html_text.read_html_column(column).to_pylist() == [None, "x"]
