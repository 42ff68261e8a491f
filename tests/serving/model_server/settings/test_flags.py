import dataclasses

import pytest

from serving.model_server.settings.flags import parse_flags
from serving.model_server.settings.server_options import ServerOptions

_BASE = "--model_base_path=/m"


def _options(*words: str) -> ServerOptions:
    return parse_flags([_BASE, *words]).options


def _refuse(capsys, *words: str) -> str:
    with pytest.raises(SystemExit) as caught:
        parse_flags(list(words))
    assert caught.value.code == 2
    return capsys.readouterr().err


def test_f01_f05_f06_f08_defaults_are_those_of_the_stock_server():
    flags = parse_flags([_BASE])
    assert (flags.port, flags.model_name) == (8500, "default")
    options = flags.options
    assert options.rest_api_port == 0
    assert options.file_system_poll_wait_seconds == 1
    assert options.model_config_file_poll_wait_seconds == 0
    assert options.max_num_load_retries == 5
    assert options.load_retry_interval_seconds == 60
    assert options.num_load_threads == options.num_unload_threads == 0
    assert options.rest_api_timeout_in_ms == 30_000
    assert options.saved_model_tags == ("serve",)
    assert options.enable_model_warmup
    assert options == ServerOptions()


def test_f09_f10_values_are_read():
    options = _options(
        "--load_retry_interval_micros=1500000",
        "--saved_model_tags=serve,gpu",
        "--grpc_max_threads=3",
        "--model_config_file=/m/models.config",
    )
    assert options.load_retry_interval_seconds == 1.5
    assert options.saved_model_tags == ("serve", "gpu")
    assert options.grpc_max_threads == 3
    assert options.model_config_file == "/m/models.config"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ([], False),
        (["--enable_batching"], True),
        (["--enable_batching=true"], True),
        (["--enable_batching=TRUE"], True),
        (["--enable_batching=1"], True),
        (["--enable_batching=false"], False),
    ],
)
def test_f13_f14_booleans_are_written_as_for_the_stock_server(words, value):
    assert _options(*words).enable_batching is value


def test_boolean_of_another_kind_is_refused(capsys):
    text = _refuse(capsys, _BASE, "--enable_batching=maybe")
    assert "must be true or false" in text


def test_f05_path_or_config_file_is_mandatory(capsys):
    assert "--model_base_path or --model_config_file" in _refuse(capsys)
    assert parse_flags(["--model_config_file=/c"]).model_base_path == ""


@pytest.mark.parametrize("path", ["models/m", "gs://bucket/m"])
def test_f05_base_path_is_absolute(capsys, path):
    text = _refuse(capsys, f"--model_base_path={path}")
    assert "Expected model default to have an absolute path" in text
    assert path in text


def test_f11_batching_parameters_without_batching_are_refused(capsys):
    text = _refuse(capsys, _BASE, "--batching_parameters_file=/b")
    assert "INVALID_ARGUMENT" in text
    assert "--enable_batching" in text
    assert _options("--batching_parameters_file=/b", "--enable_batching")


def test_f12_unknown_flag_is_only_named(capsys):
    assert _options("--no_such_flag=1") == ServerOptions()
    assert "unknown argument: --no_such_flag=1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flag",
    [
        "--use_alts_credentials",
        "--platform_config_file=/p",
        "--thread_pool_factory_config_file=/t",
        "--prefer_tflite_model=true",
        "--mixed_precision=bfloat16",
    ],
)
def test_f15_what_is_not_offered_is_refused(capsys, flag):
    assert "is not supported" in _refuse(capsys, _BASE, flag)


def test_o15_just_in_time_compilation_stays_off(capsys):
    flag = "--xla_cpu_compilation_enabled"
    assert "is not supported" in _refuse(capsys, _BASE, flag)
    assert _options(f"{flag}=false") == ServerOptions()


def test_flags_without_effect_are_taken():
    words = ["--flush_filesystem_caches=false", "--enable_profiler"]
    assert _options(*words) == ServerOptions()


def test_f17_without_port_and_socket_nothing_starts(capsys):
    text = _refuse(capsys, _BASE, "--port=0")
    assert "--port or --grpc_socket_path" in text
    assert parse_flags([_BASE, "--port=0", "--grpc_socket_path=/s"]).port == 0


def test_help_tells_every_option_and_which_are_ours(capsys):
    with pytest.raises(SystemExit) as caught:
        parse_flags(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for field in dataclasses.fields(ServerOptions):
        if field.name != "load_retry_interval_seconds":
            assert f"--{field.name}" in text
    assert text.count("(ours") == 4
