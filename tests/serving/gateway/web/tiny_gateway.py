"""A gateway that keeps all in memory: the page's API in small, and real."""

import threading
from collections import Counter
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from serving.gateway.web.page import build_page_routes
from tests.serving.gateway.web.tiny_catalogue import IMAGES
from tests.serving.gateway.web.tiny_catalogue import TITLES


class TinyGateway:
    """Shows what shares a category with what the user liked or picked.

    Attributes:
        requests: bodies of the recommendations asked, oldest first.
        source: of the slates from now on.
        key: what `X-API-Key` must be; "" = anything will do.
        failure: detail of the 503 that recommendations answer; "" = none.
        explained: bodies of the explanations asked, oldest first.
        events: user id to what the user did, oldest first.
        given: bodies of the feedback, oldest first.
        kinds: of feedback.
    """

    def __init__(self):
        self.reset()

    def reset(self) -> None:
        """Forgets what was asked and done."""
        self.requests = []
        self.explained = []
        self.source = "model"
        self.unmet: list[str] = []  # as of the next slate
        self.short_because: list[dict] = []  # likewise
        self.key = ""
        self.failure = ""
        self.events = {}
        self.given = []
        self.kinds = ["like", "dislike", "not_now", "seen", "click"]
        self.items = {
            f"{category}-{index}": {
                "item_id": f"{category}-{index}",
                "title": title,
                "description": "",
                "categories": [category, "Drama"] if index % 2 else [category],
                "price": 9.5 if category == "Comedy" else None,
                "created_at": None,
                "image_url": IMAGES.get(title, ""),
                "in_stock": True,
            }
            for category, titles in TITLES.items()
            for index, title in enumerate(titles)
        }

    def build_app(self) -> Starlette:
        """Builds the app: the page, and the API that the page asks."""
        api = [
            ("/overview", self._describe, "GET"),
            ("/personas", self._list_personas, "GET"),
            ("/items", self._find_items, "GET"),
            ("/items/{item_id}", self._get_item, "GET"),
            ("/users", self._list_users, "GET"),
            ("/undo", self._undo, "POST"),
            ("/users/{user_id}/events", self._list_events, "GET"),
            ("/users/{user_id}", self._forget, "DELETE"),
            ("/recommendations", self._recommend, "POST"),
            ("/similar", self._find_similar, "GET"),
            ("/feedback", self._take_feedback, "POST"),
            ("/explanations", self._explain, "POST"),
        ]
        routes = [
            Route(f"/v1{path}", self._guard(endpoint), methods=[method])
            for path, endpoint, method in api
        ]
        return Starlette(routes=[*build_page_routes(), *routes])

    def _guard(self, endpoint):
        async def answer(request: Request) -> JSONResponse:
            if self.key and request.headers.get("x-api-key") != self.key:
                return JSONResponse({"detail": "a key is needed"}, 401)
            return await endpoint(request)

        return answer

    async def _find_items(self, request):
        words = request.query_params["query"].casefold()
        limit = int(request.query_params["limit"])
        found = [
            item
            for item in self.items.values()
            if words in item["title"].casefold()
        ]
        return JSONResponse({"items": found[:limit]})

    async def _get_item(self, request):
        return JSONResponse(self.items[request.path_params["item_id"]])

    async def _describe(self, request):
        counts = Counter(
            name for item in self.items.values() for name in item["categories"]
        )
        return JSONResponse(
            {
                "num_items": len(self.items),
                "categories": [
                    {"name": name, "num_items": count}
                    for name, count in counts.most_common()
                ],
                "examples": ["Drama, but no Comedy", "like Heat"],
                "feedback": self.kinds,
                "ratings": {
                    "lowest": 0.5,
                    "highest": 5.0,
                    "positive_value": 4.0,
                },
                "policies": ["fixed", "learnt-blend"],
                "version_labels": ["canary"],
            }
        )

    async def _list_personas(self, request):
        if self.key:
            return JSONResponse({"detail": "admins only"}, 403)
        persona = {
            "kind": "heavy",
            "user_id": "42",
            "num_events": 1234,
            "titles": ["Heat (1995)", "Up (2009)"],
        }
        return JSONResponse({"personas": [persona]})

    async def _list_users(self, request):
        if self.key:
            return JSONResponse({"detail": "admins only"}, 403)
        return JSONResponse({"users": [{"user_id": "7"}, {"user_id": "42"}]})

    async def _list_events(self, request):
        events = self.events.get(request.path_params["user_id"], [])
        return JSONResponse({"events": events[::-1]})

    async def _forget(self, request):
        events = self.events.pop(request.path_params["user_id"], [])
        return JSONResponse({"removed": len(events)})

    async def _recommend(self, request):
        body = await request.json()
        self.requests.append(body)
        if self.failure:
            return JSONResponse({"detail": self.failure}, 503)
        events = self.events.get(body["user_id"], [])
        liked = [e["item_id"] for e in events if e["event_type"] == "like"]
        liked += [one["item_id"] for one in body["session"]]
        unwanted = {e["item_id"] for e in events} | set(liked)
        unwanted |= set(body["constraints"]["excluded_item_ids"])
        allowed = set(body["constraints"]["allowed_categories"])
        refused = set(body["constraints"]["excluded_categories"])
        candidates = [
            item
            for item in self.items.values()
            if item["item_id"] not in unwanted
            and (not allowed or allowed & set(item["categories"]))
            and not refused & set(item["categories"])
        ]
        if body["policy"] == "fixed":
            candidates.reverse()
        policy = body["policy"] or "learnt-blend"
        return self._answer(candidates, liked, body["k"], policy)

    async def _find_similar(self, request):
        item_id = request.query_params["item_id"]
        others = [i for i in self.items.values() if i["item_id"] != item_id]
        return self._answer(others, [item_id], int(request.query_params["k"]))

    def _answer(self, candidates, liked, k, policy="learnt-blend"):
        """Orders by shared categories: a model that fits into a test."""
        slate = [self._judge(item, liked) for item in candidates]
        slate.sort(key=lambda item: -item["score"])
        return JSONResponse(
            {
                "slate_id": f"slate-{len(self.requests)}",
                "scenario": "",
                "model_version": 0 if self.source == "popular" else 3,
                "policy": policy,
                "arms": {"ranker": "treatment"},
                "source": self.source,
                "unmet": self.unmet,
                "short_because": self.short_because,
                "items": slate[:k],
            }
        )

    def _judge(self, item, liked):
        own = set(item["categories"])
        shared = {
            item_id: len(own & set(self.items[item_id]["categories"]))
            for item_id in liked
        }
        total = sum(shared.values())
        reasons = [
            {
                "item_id": item_id,
                "title": self.items[item_id]["title"],
                "weight": count / total,
            }
            for item_id, count in shared.items()
            if count
        ]
        reasons.sort(key=lambda reason: -reason["weight"])
        shown = ("item_id", "title", "categories", "price", "image_url")
        return {
            **{name: item[name] for name in shown},
            "score": float(total),
            "probability": total / (1.0 + total),
            "rating": 3.0 + total / (1.0 + total),
            "propensity": 0.95,
            "reasons": reasons,
            "shares": {
                "history": 1.0 if reasons else 0.0,
                "need": 0.0,
                "popularity": 0.0 if reasons else 1.0,
            },
            "features": {},
        }

    async def _take_feedback(self, request):
        body = await request.json()
        item = self.items[body["item_id"]]
        self.given.append(body)
        event_id = f"event-{len(self.given)}"
        self.events.setdefault(body["user_id"], []).append(
            {
                "event_id": event_id,
                "feedback": body["feedback"],
                "item_id": item["item_id"],
                "title": item["title"],
                "event_type": body["feedback"],
                "timestamp": 1_600_000_000.0,
                "value": None,
            }
        )
        return JSONResponse({"accepted": 1, "event_id": event_id})

    async def _undo(self, request):
        body = await request.json()
        events = self.events[body["user_id"]]
        kept = [one for one in events if one["event_id"] != body["event_id"]]
        self.events[body["user_id"]] = kept
        return JSONResponse({"accepted": len(events) - len(kept)})

    async def _explain(self, request):
        body = await request.json()
        self.explained.append(body)
        item = self.items[body["item_ids"][0]]
        explanation = {
            "item_id": item["item_id"],
            "title": item["title"],
            "score": 2.5,
            "score_without_history": 0.75,
            "score_without_need": 2.25,
            "place": 3.0,
            "place_without_history": 1250.0,
            "place_without_need": 12.0,
            "reasons": [
                {"item_id": "Crime-0", "title": "Heat (1995)", "weight": 0.42},
                {"item_id": "Sci-Fi-1", "title": "Alien", "weight": 0.18},
            ],
            "shares": {"history": 0.6, "need": 0.3, "popularity": 0.1},
            "sources": {"id": 0.3, "text": 0.7},
        }
        return JSONResponse({"explanations": [explanation]})


@contextmanager
def serve(app: Starlette):
    """Serves an app on a free port of this host; gives its URL."""
    config = uvicorn.Config(
        app, port=0, log_level="error", lifespan="auto", ws="none"
    )
    server = uvicorn.Server(config)
    with config.bind_socket() as listener:
        listener.listen()  # connections wait from now on: no start to await
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()
