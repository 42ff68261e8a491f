"""What every state store keeps of users' profiles."""

import pytest

from tests.serving.gateway.behavior.state.records import apply
from tests.serving.gateway.behavior.state.records import make_event


def test_profile_is_replaced_whole_and_found_after_reopening(open_state):
    state = open_state()
    assert state.find_profile("ann") == {}
    state.put_profiles({"ann": {"age": "35", "é": "ü"}, "bob": {"age": "9"}})
    state.put_profiles({"ann": {"age": "36"}})
    state = open_state()
    assert state.find_profile("ann") == {"age": "36"}
    assert state.list_profiles() == [
        ("bob", {"age": "9"}),
        ("ann", {"age": "36"}),  # put last
    ]


def test_empty_profile_removes_what_was_known(open_state):
    state = open_state()
    state.put_profiles({"ann": {"age": "35"}})
    state.put_profiles({"ann": {}})
    state.put_profiles({})
    assert state.list_profiles() == []


def test_oldest_profiles_leave(open_state):
    state = open_state(profiles=2)
    users = ("ann", "bob", "ann", "cid")
    puts = [state.put_profiles({user_id: {"age": "1"}}) for user_id in users]
    assert puts == [0, 0, 0, 1]  # bob left
    assert [user_id for user_id, _ in state.list_profiles()] == ["ann", "cid"]


def test_profiles_that_leave_at_once_are_told(open_state):
    state = open_state(profiles=2)
    profiles = {user_id: {"age": "1"} for user_id in ("ann", "bob", "cid")}
    assert state.put_profiles(profiles | {"bob": {}}) == 0
    assert state.put_profiles(profiles) == 1
    assert [user_id for user_id, _ in state.list_profiles()] == ["bob", "cid"]
    # Another gateway that shares the state has a lower limit.
    assert open_state(profiles=1).put_profiles({}) == 1


@pytest.mark.parametrize(
    ("user_id", "profile"),
    [("bob", {"town": "\ud800"}), ("bob", {"\ud800": "9"}), ("\ud800", {})],
)
def test_profile_that_is_not_unicode_is_refused_whole(
    open_state, user_id, profile
):
    state = open_state()
    with pytest.raises(ValueError, match="surrogates"):
        state.put_profiles({"ann": {"age": "35"}, user_id: profile})
    assert state.list_profiles() == []


def test_forgotten_user_s_profile_leaves(open_state):
    state = open_state()
    apply(state, make_event(1))
    state.put_profiles({"ann": {"age": "35"}, "bob": {"age": "9"}})
    assert state.forget_user("ann", "log") == 2
    assert state.list_profiles() == [("bob", {"age": "9"})]
