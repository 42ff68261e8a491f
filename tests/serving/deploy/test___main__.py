import yaml

from serving.deploy.__main__ import main
from serving.deploy.values import DEFAULT_VALUES
from serving.model_server.settings.model_configs import read_model_config


def test_committed_values_render(tmp_path, capsys):
    assert main(["--output", str(tmp_path)]) == 0
    assert str(tmp_path / "compose.yaml") in capsys.readouterr().out


def test_wrong_values_are_told_and_nothing_is_written(tmp_path, capsys):
    values = tmp_path / "values.yaml"
    values.write_text("namespace: Not a label\n")
    output = tmp_path / "out"
    assert main(["--output", str(output), "--values", str(values)]) == 2
    assert "namespace" in capsys.readouterr().err
    assert not output.exists()


def _render(tmp_path, labels):
    file = tmp_path / "labels.json"
    file.write_text(labels)
    output = tmp_path / "out"
    code = main(["--output", str(output), "--labels", str(file)])
    return code, output


def test_labels_say_what_servers_load_and_whom_the_gateway_asks(tmp_path):
    code, output = _render(tmp_path, '{"canary": 5, "stable": 3}')
    assert code == 0
    config = read_model_config(output / "model-server/models/models.config")
    (model,) = config.model_config_list.config
    assert list(model.model_version_policy.specific.versions) == [3, 5]
    assert dict(model.version_labels) == {"canary": 5, "stable": 3}
    gateway = yaml.safe_load((output / "gateway/gateway.yaml").read_text())
    assert gateway["upstream"]["version_label"] == "stable"


def test_labels_without_a_stable_version_are_refused(tmp_path, capsys):
    code, output = _render(tmp_path, '{"canary": 5}')
    assert code == 2
    assert "which version is `stable`" in capsys.readouterr().err
    assert not output.exists()


def test_labels_file_that_is_not_there_is_refused(tmp_path, capsys):
    arguments = ["--output", str(tmp_path), "--labels", str(tmp_path / "no")]
    assert main(arguments) == 2
    assert "must name a labels.json" in capsys.readouterr().err


def test_labels_in_two_places_are_refused(tmp_path, capsys):
    values = tmp_path / "values.yaml"
    text = DEFAULT_VALUES.read_text()
    name = "model:\n"
    assert name in text
    text = text.replace(name, f"{name}  versions: [1]\n", 1)
    values.write_text(text)
    (tmp_path / "labels.json").write_text('{"stable": 1}')
    code = main(
        [
            *("--output", str(tmp_path / "out"), "--values", str(values)),
            *("--labels", str(tmp_path / "labels.json")),
        ]
    )
    assert code == 2
    assert "must be left out" in capsys.readouterr().err
