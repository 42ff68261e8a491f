import itertools

import pytest

# 3 users x 7 events, times 0..20 in turn: u at 0, 3, 6.., v at 1, 4, 7..
_EVENTS = "user,item,time\n" + "".join(
    f"{'uvw'[time % 3]},{'abcd'[time % 4]},{time}\n" for time in range(21)
)
_TEMPORAL = {"method": "temporal", "fractions": (0.6, 0.2, 0.2)}


def _keys(found):
    return {split: found.targets(split) for split in found.examples}


def _assert_each_event_is_one_target(found, num_events):
    targets = list(itertools.chain(*_keys(found).values()))
    assert len(targets) == len(set(targets)) == num_events


@pytest.mark.parametrize("splits", [_TEMPORAL, {"method": "leave_last"}])
def test_every_event_is_a_target_in_one_split_only(ingest, splits):
    _assert_each_event_is_one_target(ingest(_EVENTS, splits=splits), 21)


@pytest.mark.parametrize("splits", [_TEMPORAL, {"method": "leave_last"}])
def test_no_event_of_a_window_is_later_than_its_label(ingest, splits):
    found = ingest(_EVENTS, splits=splits)
    for one in itertools.chain(*found.examples.values()):
        times = [*one["timestamp"], *one["label_timestamp"]]
        assert times == sorted(times)


def test_temporal_fractions_cut_at_the_same_moment_for_all(ingest):
    found = ingest(_EVENTS, splits=_TEMPORAL)
    # 60 % and 80 % of 21 events: ranks 12 and 16, which are also the times.
    assert {time for _, _, time in found.targets("train")} == {*range(12)}
    assert {time for _, _, time in found.targets("eval")} == {*range(12, 16)}
    assert {time for _, _, time in found.targets("test")} == {*range(16, 21)}


def test_rows_that_tell_an_event_again_do_not_move_the_cuts(ingest):
    last = _EVENTS.splitlines()[-1]
    found = ingest(_EVENTS + f"{last}\n" * 100, splits=_TEMPORAL)
    assert {time for _, _, time in found.targets("train")} == {*range(12)}
    assert {time for _, _, time in found.targets("eval")} == {*range(12, 16)}
    assert {time for _, _, time in found.targets("test")} == {*range(16, 21)}
    assert found.counts["events"]["duplicates"] == 100


def test_temporal_window_holds_all_that_went_before(ingest):
    found = ingest(_EVENTS, splits=_TEMPORAL)
    (last,) = (
        one for one in found.examples["test"] if one["label_timestamp"] == [20]
    )
    assert last["timestamp"] == [2, 5, 8, 11, 14, 17]
    assert last["num_context"] == [6]
    assert last["history_bucket"] == ["5-19"]


def test_cut_points_are_taken_as_given(ingest):
    splits = {"method": "temporal", "cut_points": [5, 10]}
    found = ingest(_EVENTS, splits=splits)
    assert max(time for _, _, time in found.targets("train")) == 4
    assert max(time for _, _, time in found.targets("eval")) == 9


def test_leave_last_keeps_the_last_two_events_of_each_user(ingest):
    found = ingest(
        "user,item,time\n" + "u,a,1\nu,b,2\nu,c,3\nv,a,5\nv,d,6\nw,b,9\n"
    )
    assert found.targets("test") == [("u", "c", 3), ("v", "d", 6)]
    assert found.targets("eval") == [("u", "b", 2)]
    assert found.targets("train") == [
        ("u", "a", 1),
        ("v", "a", 5),
        ("w", "b", 9),
    ]


def test_ties_are_in_an_order_that_says_nothing_about_ids(ingest):
    # Of three items of one second, each is the last one of some users.
    events = "".join(f"u{n},{i},1\n" for n in range(30) for i in "abc")
    last = ingest(f"user,item,time\n{events}").targets("test")
    assert {item for _, item, _ in last} == {"a", "b", "c"}
    again = ingest(f"user,item,time\n{events}", ties_seed=1).targets("test")
    assert again != last


def test_order_within_a_second_decides_which_event_is_the_last(ingest):
    # Each of three items is the last one of some users, to the millisecond.
    users = [(f"u{n}", "abc"[n % 3 :] + "abc"[: n % 3]) for n in range(30)]
    rows = [
        f"{user},{item},1577836800.{100 + place}"
        for place in (2, 0, 1)
        for user, items in users
        for item in items[place]
    ]
    found = ingest("user,item,time\n" + "\n".join(rows) + "\n")
    last = {user: items[2] for user, items in users}
    # The stored timestamp stays in whole seconds.
    expected = [(user, last[user], 1577836800) for user in last]
    assert sorted(found.targets("test")) == sorted(expected)


def test_files_with_and_without_fractions_are_read_together(ingest, tmp_path):
    header = "user,item,time\n"
    (tmp_path / "events-1.csv").write_text(f"{header}u,a,1.5\nu,b,1.25\n")
    (tmp_path / "events-2.csv").write_text(f"{header}u,d,1\nu,c,0\n")
    path = str(tmp_path / "events-*.csv")
    found = ingest(None, events_config={"path": path})
    assert found.targets("test") == [("u", "a", 1)]
    assert found.targets("eval") == [("u", "b", 1)]


def test_ties_are_ordered_by_item_where_it_is_asked_for(ingest):
    found = ingest("user,item,time\nu,c,1\nu,a,1\nu,b,1\n", ties="item_id")
    assert found.targets("test") == [("u", "c", 1)]
    assert found.targets("eval") == [("u", "b", 1)]


def test_long_users_are_cut_and_each_train_event_is_a_target_once(ingest):
    events = "user,item,time\n" + "".join(f"u,a,{t}\n" for t in range(20))
    found = ingest(events, splits={"method": "leave_last", "max_window": 4})
    times = [time for _, _, time in found.targets("train")]
    assert times == list(range(18))
    assert max(len(one["item_id"]) for one in found.examples["train"]) == 4


def test_older_items_come_beside_the_window_of_queries(ingest):
    events = "user,item,time\nu,a,1\nu,b,2\nu,c,3\nu,d,4\n"
    splits = {"method": "leave_last", "max_window": 1, "max_older": 1}
    found = ingest(events, splits=splits)
    (test,) = found.examples["test"]
    assert test["item_id"] == ["c"]
    assert test["older_item_id"] == ["b"]
    assert all(one["older_item_id"] == [] for one in found.examples["train"])


def test_queries_are_capped_and_the_same_ones_are_drawn_again(ingest):
    splits = _TEMPORAL | {"max_queries": 2}
    first = ingest(_EVENTS, splits=splits)
    second = ingest(_EVENTS, splits=splits)
    assert len(first.targets("eval")) == len(first.targets("test")) == 2
    assert _keys(first) == _keys(second)


def test_item_buckets_are_thirds_of_the_train_events(ingest):
    # Train: a 3 times, b 2, c 1, so that a covers the first third (and up to
    # the half), b starts in the second third, c in the last; d is unseen.
    lines = ["u,a,1", "v,a,1", "w,a,1", "u,b,2", "v,b,2", "w,c,2"]
    lines += ["u,a,8", "v,b,8", "w,c,8", "x,d,8"]
    splits = {"method": "temporal", "cut_points": [5, 5]}
    found = ingest("user,item,time\n" + "\n".join(lines), splits=splits)
    buckets = {
        one["label_item_id"][0]: one["item_bucket"][0]
        for one in found.examples["test"]
    }
    assert buckets == {"a": "head", "b": "middle", "c": "tail", "d": "unseen"}


def test_catalog_is_sorted_unique_and_typed(ingest):
    items = (
        "id,name,tags,cost,born\n"
        "b,Beta,x | y,2.5,2020-01-01\na,Alpha,,,\nb,Other,,,\n"
    )
    found = ingest(
        "user,item,time\nu,a,1\n",
        items,
        items_config={
            "columns": {
                "item_id": "id",
                "title": "name",
                "categories": "tags",
                "price": "cost",
                "created_at": "born",
            }
        },
        max_reject_share=0.5,
    )
    assert found.catalog["item_id"] == ["a", "b"]
    assert found.catalog["title"] == ["Alpha", "Beta"]
    assert found.catalog["categories"] == [[], ["x", "y"]]
    assert found.catalog["price"] == [None, 2.5]
    assert found.catalog["created_at"] == [None, 1_577_836_800]
    assert found.catalog["scenario"] == found.catalog["description"] == ["", ""]


def test_many_files_are_one_table(ingest, tmp_path):
    (tmp_path / "part-1.csv").write_text("user,item,time\nu,a,1\n")
    (tmp_path / "part-2.csv").write_text("time,user,item\n2,u,b\n")
    found = ingest(None, events_config={"path": str(tmp_path / "part-*.csv")})
    assert found.targets("train") == [("u", "a", 1)]
    assert found.targets("test") == [("u", "b", 2)]
