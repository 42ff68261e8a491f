from serving.gateway.behavior.log.forget_notes import ForgetNotes


def test_users_are_listed_until_they_are_removed(tmp_path):
    notes = ForgetNotes(tmp_path / "notes", "key")
    notes.add("ann")
    notes.add("bob")
    notes.add("ann")
    notes.remove("bob")
    assert ForgetNotes(tmp_path / "notes", "key").list_users() == ["ann"]


def test_nothing_of_the_user_is_left_after_removal(tmp_path):
    notes = ForgetNotes(tmp_path, "key")
    notes.add("ann")
    notes.remove("ann")
    assert list(tmp_path.iterdir()) == []


def test_file_name_does_not_tell_the_user(tmp_path):
    ForgetNotes(tmp_path / "1", "key").add("ann")
    ForgetNotes(tmp_path / "2", "another").add("ann")
    (first,) = (tmp_path / "1").iterdir()
    (second,) = (tmp_path / "2").iterdir()
    assert "ann" not in first.name
    assert first.name != second.name


def test_an_id_may_hold_what_a_file_name_may_not(tmp_path):
    notes = ForgetNotes(tmp_path, "key")
    notes.add("../a/\n\0é")
    assert notes.list_users() == ["../a/\n\0é"]


def test_removing_who_was_not_noted_is_fine(tmp_path):
    ForgetNotes(tmp_path, "key").remove("ann")


def test_note_of_another_form_is_passed_over_and_stays(tmp_path):
    notes = ForgetNotes(tmp_path, "key")
    notes.add("ann")
    (tmp_path / "later.json").write_text('{"device": 7}')
    (tmp_path / "torn.json").write_text("{")
    assert notes.list_users() == ["ann"]
    assert len(list(tmp_path.iterdir())) == 3
