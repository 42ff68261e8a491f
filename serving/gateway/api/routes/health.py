"""Health and metrics of the gateway, for probes and Prometheus."""

from fastapi import APIRouter
from starlette.responses import Response

from serving.gateway.api.models import HealthOut
from serving.gateway.gateway import Gateway


def build_health_router(gateway: Gateway) -> APIRouter:
    """Builds the routes; they need no key and say nothing of users."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def is_alive() -> HealthOut:
        """200 while the process answers; otherwise a restart helps.

        Needs no thread: waiting requests may occupy all of them.
        """
        return HealthOut(parts={})

    @router.get("/readyz", responses={503: {"model": HealthOut}})
    def is_ready(response: Response) -> HealthOut:
        """200 once slates can be made; what does not work is told.

        A model server or a state that is away does not count: all gateways
        would be taken out at once, and each of them still answers. A
        background thread that fails does: what it keeps up is going stale,
        and nobody else sees it.
        """
        parts = gateway.check()
        if parts["threads"] != "ok":
            response.status_code = 503
        return HealthOut(parts=parts)

    @router.get("/metrics", include_in_schema=False)
    def show_metrics() -> Response:
        """The metrics page for Prometheus.

        Callers choose the names of scenarios: it shows the weights of the
        configured ones, "" for all others.
        """
        known = {"", *gateway.config.ranking.scenarios}
        for policy, facts in gateway.loop.describe_policies().items():
            for scenario in known & facts["weights"].keys():
                weights = facts["weights"][scenario]
                gateway.metrics.set_weights(policy, scenario, weights)
            if "new_items" in facts:
                gateway.metrics.set_new_items(policy, facts["new_items"])
        failing = gateway.find_thread_problems()
        for one in gateway.list_watched():
            gateway.metrics.set_failing(one.name, one.name in failing)
        gateway.metrics.set_served(gateway.connection.list_served())
        gateway.metrics.set_live_log(gateway.store.measure_live_log())
        gateway.metrics.set_lacking(gateway.store.lacks_tables)
        return Response(
            gateway.metrics.render(),
            media_type="text/plain; version=0.0.4; charset=utf-8",
        )

    return router
