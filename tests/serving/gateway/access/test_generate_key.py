import subprocess
import sys

import pytest

from serving.gateway.access.api_key import Role
from serving.gateway.access.api_keys import ApiKeys
from serving.gateway.access.generate_key import main


def test_line_lets_the_key_in_and_does_not_hold_it(tmp_path):
    made = subprocess.run(
        [
            *(sys.executable, "-m", "serving.gateway.access.generate_key"),
            *("shop", "read", "write"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    path = tmp_path / "keys.yaml"
    path.write_text(made.stdout)
    key = made.stderr.strip()
    assert key not in made.stdout
    found = ApiKeys.from_file(path).find(key)
    assert found.name == "shop"
    assert found.roles == {Role.READ, Role.WRITE}


def test_lines_can_be_appended(tmp_path, capsys):
    main(["shop", "read"])
    main(["jobs", "admin"])
    lines, keys = capsys.readouterr()
    path = tmp_path / "keys.yaml"
    path.write_text(lines)
    found = [ApiKeys.from_file(path).find(key) for key in keys.split()]
    assert [key.name for key in found] == ["shop", "jobs"]


@pytest.mark.parametrize(
    "arguments", [["shop"], ["shop", "root"], ["a}b", "read"], ["", "read"]]
)
def test_what_no_file_may_hold_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().out == ""
