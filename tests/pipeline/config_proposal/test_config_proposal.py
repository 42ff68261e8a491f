import pytest
import yaml

from pipeline.config_proposal.config_proposal import propose_config
from tests.pipeline.config_proposal.conftest import START
from tests.pipeline.config_proposal.conftest import write_movies
from tests.pipeline.config_proposal.conftest import write_ratings


def _propose(folder, **files):
    paths = []
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return propose_config(paths)


@pytest.mark.parametrize(
    ("delimiter", "header"), [(",", True), ("\t", True), ("::", False)]
)
def test_movies_run_without_an_edit(tmp_path, delimiter, header):
    proposal = _propose(
        tmp_path,
        ratings__dat=write_ratings(delimiter, header),
        movies__dat=write_movies(delimiter, header),
    )
    assert proposal.check.errors == []
    assert proposal.check.facts.num_events == 600
    assert proposal.check.tables["items"].counts["used"] == 40
    values = yaml.safe_load(proposal.text)
    columns = values["dataset"]["events"]["columns"]
    assert columns["user_id"] == ("userId" if header else 0)
    assert values["dataset"]["events"]["positive_value"] == 4
    assert "# " in proposal.text


def test_last_events_of_each_user_are_for_test_where_the_last_in_time_are_few(
    tmp_path,
):
    # Of 360 events the last tenth in time are 36; 120 users have a last one.
    # The gate asks for 100.
    rows = [
        f"u{n % 120},{(n * 7 + n // 120) % 40 + 1},{n % 5 + 1},{START + n}"
        for n in range(360)
    ]
    text = "\n".join(["user,item,rating,time", *rows])
    few = _propose(tmp_path, r__csv=text, movies__csv=write_movies())
    assert yaml.safe_load(few.text)["splits"]["method"] == "leave_last"
    assert few.check.split_sizes["test"] == 120


def test_shop_with_types_and_one_file_runs_without_an_edit(tmp_path):
    kinds = ("view", "view", "cart", "bought")
    rows = [
        f"c{n % 50},p{n * 7 % 90},Fine thing {n * 7 % 90},{kinds[n % 4]},"
        f"{START + 60 * n}"
        for n in range(2000)
    ]
    head = "customer_id,product_id,product_name,event,ts"
    proposal = _propose(tmp_path, log__csv="\n".join([head, *rows]))
    assert proposal.check.errors == []
    events = yaml.safe_load(proposal.text)["dataset"]["events"]
    assert events["event_types"] == {
        "view": "view",
        "cart": "cart",
        "bought": "purchase",
    }
    items = yaml.safe_load(proposal.text)["dataset"]["items"]
    assert items["columns"]["title"] == "product_name"


def test_days_are_read_together(tmp_path):
    days = write_ratings().splitlines()
    head, rows = days[0], days[1:]
    first, second = [head, *rows[:300]], [head, *rows[300:]]
    proposal = _propose(
        tmp_path,
        **{
            "r-20200913__csv": "\n".join(first),
            "r-20200914__csv": "\n".join(second),
        },
        movies__csv=write_movies(),
    )
    assert yaml.safe_load(proposal.text)["dataset"]["spans"] == "all"
    assert proposal.check.tables["events"].counts["used"] == 600


def test_people_who_come_back_are_seen(tmp_path):
    rows = [f"u{n % 5},a{n % 3},{START + n}" for n in range(100)]
    text = "\n".join(["user,item,time", *rows])
    proposal = _propose(tmp_path, listens__csv=text)
    assert yaml.safe_load(proposal.text)["dataset"]["repeats"] in ("yes", True)
