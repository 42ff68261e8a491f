import pyarrow as pa
import pytest

from pipeline.config import PipelineConfig
from pipeline.data_check.table_content import TableContent
from pipeline.data_check.text_checks import check_persons
from pipeline.data_check.text_checks import check_texts

_WORDS = [f"word{chr(97 + place % 26)}" for place in range(40)]


@pytest.fixture
def preset(tmp_path):
    folder = tmp_path / "preset"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", *_WORDS]))
    return str(folder)


def _check(write_config, preset, titles) -> list:
    config: PipelineConfig = write_config(
        "user,item,time\n", trainer={"backbone": {"preset": preset}}
    )
    items = {
        "item_id": [str(n) for n in range(len(titles))],
        "title": titles,
        "description": [""] * len(titles),
    }
    content = TableContent(name="items", files=[], rows=pa.table(items))
    return list(check_texts(config, content))


def test_titles_in_a_script_without_words_are_told(write_config, preset):
    titles = ["三体", "流浪地球 2", "Alpha", "Heat"]
    (finding,) = _check(write_config, preset, titles)
    assert "50% of the titles" in finding.text
    assert "cjk" in finding.text
    assert "三体" in finding.text
    assert "multilingual" in finding.remedy


def test_titles_that_are_read_are_not_told(write_config, preset):
    assert _check(write_config, preset, ["Alpha", "Amélie 2", "1984"]) == []
    # Two letters of another script among many are no reason.
    assert _check(write_config, preset, ["Alpha beta gamma 三体"]) == []


def test_items_whose_title_is_their_id_have_nothing_to_read(
    write_config, preset
):
    (finding,) = _check(write_config, preset, ["0", "1", "Heat"])
    assert finding.code == "items_without_text"
    assert "2 of 3" in finding.text


def test_preset_that_is_no_folder_tells_nothing(write_config):
    assert _check(write_config, "bert_tiny_en_uncased", ["三体"]) == []


def test_card_numbers_in_what_people_wrote_stop_a_run(write_config):
    config = write_config("user,item,time\n")
    # The number that Visa gives for tests.
    texts = ["nice", "charge 4111 1111 1111 1111 please"]
    rows = pa.table({"user_id": ["u", "v"], "text": texts})
    events = TableContent(name="events", files=[], rows=rows)
    (finding,) = check_persons(config, events)
    assert (finding.level, finding.code) == ("error", "card_numbers")
    assert "1 of 2" in finding.text
    assert "4111" not in finding.text
    for good in (rows.slice(0, 1), rows.drop_columns("text")):
        events = TableContent(name="events", files=[], rows=good)
        assert list(check_persons(config, events)) == []
