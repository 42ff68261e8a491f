from serving.deploy.__main__ import main


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
