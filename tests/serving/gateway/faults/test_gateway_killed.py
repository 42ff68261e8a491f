"""`kill -9` of the gateway loses nothing that it said it had."""

import threading

import httpx

from tests.serving.gateway.faults.gateway_process import MARKER

_NUM_KILLS = 2
_NUM_CALLERS = 4
_NUM_PROMISES = 40  # before each kill
_MAX_PROMISES = 200  # of one caller, so that one page lists them all


class _Caller:
    """Sends events one by one until nobody answers."""

    def __init__(self, number: int):
        self.user_id = f"{MARKER}/{number}"
        self.promised: list[str] = []
        self._sent = 0

    def send_on(self, client: httpx.Client) -> None:
        with client:
            for _ in range(_MAX_PROMISES):
                item_id = f"e{self._sent}"
                self._sent += 1
                event = {"user_id": self.user_id, "item_id": item_id}
                try:
                    answer = client.post("/v1/events", json={"events": [event]})
                except httpx.TransportError:
                    return
                assert answer.json() == {"accepted": 1, "duplicates": 0}
                self.promised.append(item_id)


def test_every_acknowledged_event_outlives_the_process(start_gateway, upstream):
    gateway = start_gateway(upstream.address)
    callers = [_Caller(number) for number in range(_NUM_CALLERS)]
    for _ in range(_NUM_KILLS):
        wanted = sum(len(one.promised) for one in callers) + _NUM_PROMISES
        threads = [
            threading.Thread(target=one.send_on, args=[gateway.open_client()])
            for one in callers
        ]
        for thread in threads:
            thread.start()
        while sum(len(one.promised) for one in callers) < wanted:
            assert any(thread.is_alive() for thread in threads)
            threads[0].join(0.001)
        gateway.kill()
        for thread in threads:
            thread.join()
        gateway.start()
    for one in callers:
        answer = gateway.client.get(
            f"/v1/users/{one.user_id}/events?limit=1000"
        )
        kept = [event["item_id"] for event in answer.json()["events"]]
        assert set(one.promised) <= set(kept)
        assert len(kept) == len(set(kept))
