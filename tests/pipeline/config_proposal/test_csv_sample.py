import pytest

from pipeline.config_proposal.csv_sample import read_csv_form


@pytest.mark.parametrize("delimiter", ["::", "\t", ";", ",", "|"])
def test_delimiter_is_the_sign_that_divides_all_lines_alike(delimiter):
    rows = [("user", "item", "stars"), ("u", "a b, c", "5"), ("v", "d", "4")]
    if delimiter == ",":
        rows[1] = ("u", '"a b, c"', "5")
    text = "\n".join(delimiter.join(row) for row in rows)
    form = read_csv_form(text)
    assert form.delimiter == delimiter
    assert form.names == ["user", "item", "stars"]
    assert form.rows[0] == ["u", "a b, c", "5"]


def test_categories_within_cells_divide_no_lines():
    text = "1::Toy Story::Comedy|Children\n2::Heat::Crime\n3::Ran::War|Drama"
    form = read_csv_form(text)
    assert form.delimiter == "::"
    assert not form.has_header
    assert form.names == ["0", "1", "2"]
    assert len(form.rows) == 3


@pytest.mark.parametrize(
    ("text", "has_header"),
    [
        ("userId,movieId\n1,2\n3,4", True),
        ("1,2\n3,4", False),
        ("u1,i1,5\nu2,i2,4", False),
        ("who,thing\n1,2", True),  # names over numbers
        ("ann,heat\nbob,ran\nann,ran", False),  # "ann" comes again
        (",user_id,item_id\n0,u,a", True),  # an index of pandas
    ],
)
def test_header_is_told_from_data(text, has_header):
    assert read_csv_form(text).has_header == has_header


def test_quotes_within_quotes_may_be_escaped():
    text = 'id,title\n1,"The \\"Best\\" Of"\n2,"B"\n'
    form = read_csv_form(text)
    assert form.escape == "\\"
    assert form.rows[0] == ["1", 'The "Best" Of']
    doubled = read_csv_form('id,title\n1,"The ""Best"" Of"\n')
    assert doubled.escape is None
    assert doubled.rows[0] == ["1", 'The "Best" Of']


def test_lines_without_a_sign_in_common_are_no_table():
    assert read_csv_form("a sentence\nand another one\n") is None
