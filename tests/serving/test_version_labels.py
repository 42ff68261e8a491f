"""One file says which versions have names, and what is served."""

import json
import os
import threading

import pytest

from serving.model_server.settings.model_configs import read_model_config
from serving.version_labels import find_loaded_versions
from serving.version_labels import find_served_version
from serving.version_labels import hold_lock
from serving.version_labels import read_labels
from serving.version_labels import renew_models_config
from serving.version_labels import set_label
from serving.version_labels import write_models_config


@pytest.fixture
def base_path(tmp_path):
    folder = tmp_path / "tastemaker"
    for version in (3, 4, 5):
        (folder / str(version)).mkdir(parents=True)
    return folder


def _read_config(base_path):
    config = read_model_config(base_path / "models.config")
    (model,) = config.model_config_list.config
    return model


def test_without_labels_the_newest_version_is_served(base_path):
    assert read_labels(base_path) == {}
    assert find_loaded_versions(base_path) == [5]
    assert find_served_version(base_path).name == "5"
    write_models_config(base_path)
    model = _read_config(base_path)
    assert (model.name, model.base_path) == ("tastemaker", str(base_path))
    # No policy is the stock server's `latest`: a push is a roll-out.
    assert not model.HasField("model_version_policy")
    assert not model.version_labels


def test_stable_version_stays_in_front_of_newer_ones(base_path):
    set_label(base_path, "stable", 4)
    assert read_labels(base_path) == {"stable": 4}
    assert find_loaded_versions(base_path) == [4]
    assert find_served_version(base_path).name == "4"
    model = _read_config(base_path)
    assert list(model.model_version_policy.specific.versions) == [4]
    assert dict(model.version_labels) == {"stable": 4}


def test_other_labels_are_loaded_beside_what_is_served(base_path):
    set_label(base_path, "canary", 3)
    assert find_loaded_versions(base_path) == [3, 5]
    assert find_served_version(base_path).name == "5"
    set_label(base_path, "stable", 4)
    assert find_loaded_versions(base_path) == [3, 4]
    assert find_served_version(base_path).name == "4"


def test_label_moves_and_goes(base_path):
    set_label(base_path, "stable", 3)
    write_models_config(base_path, also=4)  # servers have loaded it
    set_label(base_path, "stable", 4)
    assert read_labels(base_path) == {"stable": 4}
    set_label(base_path, "stable", None)
    assert read_labels(base_path) == {}
    assert find_served_version(base_path).name == "5"
    assert not _read_config(base_path).version_labels


def test_label_moves_to_what_servers_load_and_nothing_else(base_path):
    set_label(base_path, "stable", 3)
    set_label(base_path, "canary", 4)
    with pytest.raises(
        ValueError, match=r"servers load.*: 3, 4\. Received: 5\. .*--address"
    ):
        set_label(base_path, "stable", 5)
    assert read_labels(base_path) == {"canary": 4, "stable": 3}
    assert dict(_read_config(base_path).version_labels) == {
        "canary": 4,
        "stable": 3,
    }
    set_label(base_path, "stable", 4)
    assert find_served_version(base_path).name == "4"
    # Where no server reads the config there is nothing to wait for.
    (base_path / "models.config").unlink()
    set_label(base_path, "stable", 5)
    assert find_served_version(base_path).name == "5"


def test_models_config_that_cannot_be_read_stops_a_move(base_path):
    set_label(base_path, "stable", 3)
    (base_path / "models.config").write_text("broken {")
    with pytest.raises(ValueError, match=r"must be a model .* Remove it"):
        set_label(base_path, "stable", 4)


def test_label_of_a_version_that_is_gone_pins_nothing(base_path):
    set_label(base_path, "stable", 3)
    (base_path / "3").rmdir()
    assert find_loaded_versions(base_path) == [5]
    assert find_served_version(base_path).name == "5"
    write_models_config(base_path)
    assert not _read_config(base_path).version_labels


def test_pinned_version_is_served_while_none_is_stable(base_path):
    assert find_served_version(base_path, {3, 4}).name == "4"
    # Nobody answers with what is not there.
    assert find_served_version(base_path, {3, 6}).name == "3"
    assert find_served_version(base_path, {6}).name == "5"
    set_label(base_path, "stable", 5)
    assert find_served_version(base_path, {3}).name == "5"


def test_no_version_is_served_where_there_is_none(tmp_path):
    assert find_served_version(tmp_path) is None
    assert find_loaded_versions(tmp_path) == []


def test_version_that_is_not_there_gets_no_label(base_path):
    with pytest.raises(LookupError, match=r"one of 3, 4, 5\. Received: 6"):
        set_label(base_path, "stable", 6)
    assert read_labels(base_path) == {}


@pytest.mark.parametrize("label", ["", "Stable", "a b", "7", "x" * 51])
def test_label_that_is_no_name_is_refused(base_path, label):
    with pytest.raises(ValueError, match="a label must be"):
        set_label(base_path, label, 3)


def test_label_that_nobody_has_cannot_be_taken_away(base_path):
    set_label(base_path, "canary", 3)
    with pytest.raises(ValueError, match=r"one of canary\. Received: 'stable'"):
        set_label(base_path, "stable", None)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"stable": "newest"}', '{"stable": true}']
)
def test_labels_that_cannot_be_read_are_refused(base_path, text):
    (base_path / "labels.json").write_text(text)
    with pytest.raises(ValueError, match=r"labels\.json must hold"):
        read_labels(base_path)


def test_labels_are_json_for_others_to_read(base_path):
    set_label(base_path, "stable", 4)
    set_label(base_path, "canary", 5)
    found = json.loads((base_path / "labels.json").read_text())
    assert found == {"canary": 5, "stable": 4}


def test_reader_uses_the_config_that_is_there_while_labels_change(base_path):
    with hold_lock(base_path):
        assert renew_models_config(base_path) is None
    file = renew_models_config(base_path)
    assert file == base_path / "models.config"
    file.write_text("as another process left it")
    with hold_lock(base_path):
        assert renew_models_config(base_path) == file
    assert file.read_text() == "as another process left it"
    renew_models_config(base_path)
    assert _read_config(base_path).name == "tastemaker"


def test_labels_without_a_config_are_not_passed_over(base_path):
    (base_path / "labels.json").write_text('{"stable": 3}')
    with hold_lock(base_path), pytest.raises(BlockingIOError):
        renew_models_config(base_path)


@pytest.fixture
def read_only_path(base_path):
    """The same to a user who may not write it."""
    folders = [base_path]
    user = os.geteuid()
    if user == 0:  # may write everything: be somebody who may read alone
        folders += [
            p for p in base_path.parents if p.stat().st_mode & 0o55 != 0o55
        ]
    modes = [folder.stat().st_mode for folder in folders]
    for folder, mode in zip(folders, modes, strict=True):
        folder.chmod(0o555 if folder == base_path else mode | 0o55)
    if user == 0:
        os.seteuid(65534)
    yield base_path
    os.seteuid(user)
    for folder, mode in zip(folders, modes, strict=True):
        folder.chmod(mode)


def test_reader_needs_no_right_to_write(read_only_path):
    with pytest.raises(PermissionError):
        set_label(read_only_path, "stable", 3)
    assert renew_models_config(read_only_path) is None


def test_command_that_waits_says_so(base_path, caplog):
    with hold_lock(base_path):
        waiting = threading.Thread(target=set_label, args=[base_path, "a", 3])
        waiting.start()
        while not caplog.messages:
            assert waiting.is_alive()
    waiting.join()
    assert caplog.messages == [
        f"Waiting: another process holds {base_path / '.labels.lock'}"
    ]
    assert read_labels(base_path) == {"a": 3}
