import shlex

from serving.deploy.first_steps import render_first_steps
from serving.gateway.access.api_keys import parse_keys
from serving.gateway.access.generate_key import main as generate_key


def _list_commands(text):
    """Indented lines, those that go on joined."""
    lines = [line[4:] for line in text.splitlines() if line[:4] == "    "]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [shlex.split(line) for line in joined.splitlines()]


def test_command_for_keys_makes_a_line_of_the_key_file(build, capsys):
    commands = _list_commands(render_first_steps(build()))
    (command,) = [c for c in commands if c[:2] == ["docker", "run"]]
    module = command.index("serving.gateway.access.generate_key")
    assert command[-2:] == [">>", "secrets/keys.yaml"]
    assert generate_key(command[module + 1 : -2]) == 0
    (key,) = parse_keys(capsys.readouterr().out, "keys.yaml")
    assert key.name == "shop"


def test_secret_is_made_of_the_file_that_the_pods_read(build):
    values = build(gateway={"keys_secret": "k", "keys_host_folder": "./f"})
    commands = _list_commands(render_first_steps(values))
    (command,) = [c for c in commands if "secret" in c]
    assert "--from-file=keys.yaml=f/keys.yaml" in command
    assert command[command.index("generic") + 1] == "k"
    assert command[command.index("-n") + 1] == values.namespace


def test_no_key_is_rendered(files):
    # What `draw_key` begins a key with.
    assert not any("tm_" in text for text in files.values())
    assert not any("sha256:" in text for text in files.values())


def test_keys_are_no_matter_without_a_gateway(build):
    text = render_first_steps(build(gateway={"enabled": False}))
    assert "key" not in text
    assert "docker compose up" in text


def test_downtime_of_a_single_gateway_is_told(build):
    several = {"replicas": 2, "redis": "redis://r:6379/0"}
    assert "must share a Redis" in render_first_steps(build())
    text = render_first_steps(build(gateway=several))
    assert "must share a Redis" not in text


def test_where_the_password_of_redis_goes_is_told(build):
    text = render_first_steps(build(gateway={"redis": "redis://r:6379/0"}))
    assert "`TASTEMAKER_GATEWAY_REDIS_PASSWORD`" in text
    assert "--from-literal=redis-password=" in text
    assert "password" not in render_first_steps(build())


def test_who_closes_spans_is_told(build):
    assert "`POST /v1/spans`" in render_first_steps(build())
