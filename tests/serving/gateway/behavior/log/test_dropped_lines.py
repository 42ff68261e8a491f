import json
import os

from serving.gateway.behavior.log.dropped_lines import drop_undone
from serving.gateway.behavior.log.dropped_lines import drop_user
from serving.gateway.behavior.log.dropped_lines import holds_user
from serving.gateway.behavior.log.log_line import build_line


def make_line(seq, user_id, **others):
    body = json.dumps({"user_id": user_id, **others}, ensure_ascii=False)
    return build_line(seq, body.encode())


def test_only_the_users_own_lines_leave(tmp_path):
    kept = [
        make_line(1, "ann"),
        make_line(3, "bo", text="bob"),
        make_line(4, "ann", text='"bob"', session_id="bob"),
    ]
    path = tmp_path / "a"
    path.write_bytes(kept[0] + make_line(2, "bob") + kept[1] + kept[2])
    assert drop_user([path], "bob") == 1
    assert path.read_bytes() == b"".join(kept)


def test_every_name_of_a_file_gets_the_new_content_and_counts_once(tmp_path):
    paths = [tmp_path / f"{n}" / "a" for n in range(3)]
    for path in paths:
        path.parent.mkdir()
    paths[0].write_bytes(make_line(1, "bob") + make_line(2, "ann"))
    for path in paths[1:]:
        os.link(paths[0], path)
    assert drop_user(paths, "bob") == 1
    assert {path.read_bytes() for path in paths} == {make_line(2, "ann")}
    assert len({path.stat().st_ino for path in paths}) == 1
    assert [len(list(path.parent.iterdir())) for path in paths] == [1, 1, 1]


def test_copies_of_which_a_kill_left_some_are_finished(tmp_path):
    done, undone = tmp_path / "done", tmp_path / "undone"
    done.write_bytes(make_line(2, "ann"))
    undone.write_bytes(make_line(1, "bob") + make_line(2, "ann"))
    (tmp_path / ".undone").write_bytes(b"half")
    assert drop_user([done, undone], "bob") == 1
    assert done.read_bytes() == undone.read_bytes() == make_line(2, "ann")


def test_file_with_nothing_left_is_removed(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(make_line(1, "bob"))
    assert drop_user([path], "bob") == 1
    assert list(tmp_path.iterdir()) == []


def test_file_without_the_user_is_not_touched(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(make_line(1, "ann"))
    before = path.stat()
    assert drop_user([path], "bob") == 0
    assert path.stat().st_ino == before.st_ino


def test_id_that_json_escapes_is_found(tmp_path):
    user_id = 'ü"\\\n\t雪'
    path = tmp_path / "a"
    path.write_bytes(make_line(1, user_id) + make_line(2, "ann"))
    assert holds_user(path, user_id)
    assert drop_user([path], user_id) == 1
    assert not holds_user(path, user_id)


def test_broken_line_with_the_id_leaves_too(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b'{"seq": 1, "user_id": "bob", "te\n' + make_line(2, "x"))
    assert drop_user([path], "bob") == 1
    assert path.read_bytes() == make_line(2, "x")


def test_only_events_that_their_own_user_took_back_leave(tmp_path):
    lines = [
        make_line(1, "ann", event_id='e"1', event_type="rate"),
        make_line(2, "bob", event_id="e2", event_type="rate"),
        make_line(3, "ann", event_id="e3", event_type="rate", text="undo"),
    ]
    undo = make_line(4, "ann", event_id="e4", event_type="undo", text='e"1')
    of_another = make_line(
        5, "ann", event_id="e5", event_type="undo", text="e2"
    )
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"".join(lines))
    new.write_bytes(undo + of_another)
    assert drop_undone([new], [old, new]) == 1
    assert old.read_bytes() == lines[1] + lines[2]
    assert new.read_bytes() == undo + of_another
