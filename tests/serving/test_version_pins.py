"""What hand-written server configs say of a model's versions."""

import pytest

from serving.version_pins import read_version_pins


def _write(path, *models):
    lines = "\n".join(f"config {{ {model} }}" for model in models)
    path.write_text(f"model_config_list {{ {lines} }}")
    return str(path)


def test_stable_version_is_served_and_all_others_are_named(tmp_path):
    file = _write(
        tmp_path / "models.config",
        'name: "shop" base_path: "/models/shop"'
        " model_version_policy { specific { versions: 3 versions: 4 } }"
        ' version_labels { key: "stable" value: 3 }'
        ' version_labels { key: "canary" value: 5 }',
        'name: "other" base_path: "/models/other"'
        " model_version_policy { specific { versions: 9 } }",
    )
    pins = read_version_pins("shop", [file])
    assert (pins.named, pins.served) == ({3, 4, 5}, {3})


def test_highest_of_specific_versions_is_served(tmp_path):
    file = _write(
        tmp_path / "models.config",
        'name: "renamed" base_path: "/models/shop"'
        " model_version_policy { specific { versions: 4 versions: 3 } }",
    )
    assert read_version_pins("shop", [file]).served == {4}


def test_server_that_takes_the_newest_pins_nothing(tmp_path):
    file = _write(
        tmp_path / "models.config",
        'name: "shop" base_path: "/models/shop"',
    )
    pins = read_version_pins("shop", [file])
    assert not pins.named and not pins.served


def test_config_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"server_configs.*absent"):
        read_version_pins("shop", [str(tmp_path / "absent")])
