"""What a real server writes, to the last byte."""

import json
import logging
import subprocess
import sys
import textwrap

from serving.gateway.access.log_config import JsonFormatter
from serving.gateway.access.log_config import build_log_config

_SERVER = """
    import asyncio, uvicorn
    from serving.gateway.access.log_config import build_log_config

    async def app(scope, receive, send):
        raise RuntimeError(f"no such user: {scope['path']}")

    async def run():
        config = uvicorn.Config(
            app, port=0, log_config=build_log_config(), lifespan="off"
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /u17?need=midsummer HTTP/1.0\\r\\n\\r\\n")
        assert b"500" in await reader.read()
        writer.close()
        server.should_exit = True
        await task

    asyncio.run(run())
"""


def test_server_writes_json_lines_without_paths_or_messages_of_errors():
    written = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_SERVER)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert written.stdout == ""
    lines = [json.loads(line) for line in written.stderr.splitlines()]
    (error,) = [line for line in lines if line["level"] == "error"]
    assert error["exception"] == "RuntimeError"
    assert error["frames"][-1].endswith(" app")
    assert "u17" not in written.stderr
    assert "midsummer" not in written.stderr


def test_line_break_in_a_message_makes_no_second_line():
    record = logging.LogRecord("a", logging.INFO, "", 0, "x\n%s", ("y",), None)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "x\ny"


def test_level_may_be_written_small():
    assert build_log_config("debug")["root"]["level"] == "DEBUG"
