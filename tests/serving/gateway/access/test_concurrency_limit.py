import asyncio

import httpx
from starlette.responses import PlainTextResponse

from serving.gateway.access.concurrency_limit import ConcurrencyLimit


class _Slow:
    """Answers when `go` is set."""

    def __init__(self):
        self.go = asyncio.Event()

    async def __call__(self, scope, receive, send) -> None:
        await self.go.wait()
        await PlainTextResponse("done")(scope, receive, send)


async def _ask_together(paths: list[str]) -> list[httpx.Response]:
    """Asks for all paths at once; nothing is answered before all are in."""
    slow = _Slow()
    limited = ConcurrencyLimit(slow, 2, {"/healthz"})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(limited), base_url="http://gateway"
    ) as client:
        asked = [asyncio.create_task(client.get(path)) for path in paths]
        for _ in range(100):  # lets each of them get as far as it can
            await asyncio.sleep(0)
        slow.go.set()
        return [await one for one in asked] + [await client.get("/later")]


def test_requests_beyond_the_limit_are_refused_at_once():
    answers = asyncio.run(_ask_together(["/a", "/b", "/c"]))
    assert [a.status_code for a in answers] == [200, 200, 503, 200]
    assert answers[2].headers["retry-after"] == "1"
    assert answers[2].json()["detail"].startswith("At most 2 requests")


def test_probes_are_answered_however_many_requests_there_are():
    answers = asyncio.run(_ask_together(["/a", "/b", "/healthz", "/healthz"]))
    assert [a.status_code for a in answers] == [200, 200, 200, 200, 200]
