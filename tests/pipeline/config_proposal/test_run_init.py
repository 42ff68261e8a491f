import pytest

from pipeline.config import load_config
from pipeline.config_proposal.run_init import run_init
from tests.fresh_process import HEAVY
from tests.fresh_process import list_loaded
from tests.pipeline.config_proposal.conftest import write_movies
from tests.pipeline.config_proposal.conftest import write_ratings


@pytest.fixture
def paths(tmp_path):
    (tmp_path / "ratings.csv").write_text(write_ratings())
    (tmp_path / "movies.csv").write_text(write_movies())
    return [str(tmp_path / "ratings.csv"), str(tmp_path / "movies.csv")]


def test_config_is_written_and_what_is_left_is_told(paths, tmp_path):
    output = tmp_path / "shop.yaml"
    lines = []
    run_init(paths, output, False, lines.append)
    assert load_config(output).dataset.events.positive_value == 4
    assert any("positive_value: 4" in line for line in lines)
    assert any("600 rows in 1 file" in line for line in lines)
    assert f"tastemaker check {output}" in lines[-1]


def test_file_that_is_there_stays_unless_forced(paths, tmp_path):
    output = tmp_path / "shop.yaml"
    output.write_text("mine")
    with pytest.raises(FileExistsError, match="--force"):
        run_init(paths, output, False, lambda _: None)
    assert output.read_text() == "mine"
    run_init(paths, output, True, lambda _: None)
    assert load_config(output)


def test_nothing_that_takes_seconds_is_loaded(paths, tmp_path):
    output = tmp_path / "c.yaml"
    loaded = list_loaded(
        "from pipeline.commands.cli import main\n"
        f"main(['init', *{paths!r}, '--output', {str(output)!r}])"
    )
    assert not HEAVY & loaded
    assert output.exists()
