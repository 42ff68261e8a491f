"""Routes that tell machines how the gateway is."""

from fastapi import APIRouter
from starlette.responses import JSONResponse
from starlette.responses import Response

from serving.gateway.api_models import HealthOut
from serving.gateway.gateway import Gateway


def build_health_router(gateway: Gateway) -> APIRouter:
    """Builds the routes; anybody may ask, and learns of no user."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    def is_alive() -> HealthOut:
        """200 while the process answers: a restart would help otherwise."""
        return HealthOut(parts={})

    @router.get(
        "/readyz",
        response_model=HealthOut,
        responses={503: {"model": HealthOut, "description": "Not ready."}},
    )
    def is_ready() -> Response:
        """200 while slates can be made, from whatever source.

        A model server that is away is told and does not count: the gateway
        still answers, and taking it out would leave nobody to.
        """
        parts = gateway.check()
        status = 200 if parts["state"] == "ok" else 503
        return JSONResponse({"parts": parts}, status)

    @router.get("/metrics", include_in_schema=False)
    def show_metrics() -> Response:
        """The page that Prometheus reads."""
        for policy, facts in gateway.loop.ranker.describe().items():
            for scenario, weights in facts["weights"].items():
                gateway.metrics.set_weights(policy, scenario, weights)
        return Response(
            gateway.metrics.render(),
            media_type="text/plain; version=0.0.4; charset=utf-8",
        )

    return router
