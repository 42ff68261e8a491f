"""Identifies callers, and decides what they may do."""

import re
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends
from fastapi import Request
from fastapi.security import APIKeyHeader
from fastapi.security import HTTPAuthorizationCredentials
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from serving.gateway.access.api_key import ApiKey
from serving.gateway.access.api_key import Role
from serving.gateway.access.api_keys import ApiKeys
from serving.gateway.access.body_limits import has_body
from serving.gateway.access.is_loopback import is_loopback
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.access.refuse import refuse

_PROTECTED = "/v1/"  # everything below it needs a key, and so does any body
# anywhere, which would take up memory and one of the places
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})  # machines of ours
# use these: neither counted nor refused
_HEADER = "X-API-Key"
_SCHEME = "bearer"
_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_NO_KEY = (
    "An API key is needed: `Authorization: Bearer KEY` or `X-API-Key: KEY`."
)
# They are only for the OpenAPI document; `Access.identify` reads the headers.
_DOCUMENTED_BEARER = HTTPBearer(auto_error=False)
_DOCUMENTED_HEADER = APIKeyHeader(name=_HEADER, auto_error=False)


class Access:
    """Keys and limits of one gateway.

    `Admission` calls it before a body is read, and refuses callers without a
    key and above the limit; `require` makes a route need a role.
    """

    def __init__(
        self,
        keys: ApiKeys | None,
        limits: RateLimits,
        is_local: bool = False,
    ):
        """Keeps keys and limits.

        Args:
            keys: None = every caller may do everything, see `check_listener`.
            limits: by key, or address where there is none.
            is_local: whether callers must name this machine, as localhost
                or by a loopback address. A page whose own host name resolves to
                this machine (DNS rebinding) is the same site for its browser.
        """
        self._keys = keys
        self._is_local = is_local
        self._limits = limits

    def require(self, role: str) -> Callable[..., Awaitable[None]]:
        """Returns a FastAPI dependency that requires a role.

        It raises 401 without a key, and 403 without the role.

        Args:
            role: one of `Role`.
        """
        wanted = Role(role)

        async def check(
            request: Request,
            _bearer: Annotated[
                HTTPAuthorizationCredentials | None, Depends(_DOCUMENTED_BEARER)
            ],
            _header: Annotated[str | None, Depends(_DOCUMENTED_HEADER)],
        ) -> None:
            if self._keys is None:
                return
            key = self.identify(request.scope)
            if key is None:
                raise HTTPException(401, _NO_KEY, _CHALLENGE)
            if not key.opens(wanted):
                raise HTTPException(
                    403, f"The key needs the role `{wanted.value}`."
                )

        return check

    def identify(self, scope: Scope) -> ApiKey | None:
        """Returns the key of a request, if it is valid."""
        if self._keys is None:
            return None
        headers = Headers(scope=scope)
        scheme, _, shown = headers.get("Authorization", "").partition(" ")
        if scheme.lower() != _SCHEME:
            shown = headers.get(_HEADER, "")
        return self._keys.find(shown.strip()) if shown else None

    async def admit(self, scope: Scope) -> Response | None:
        """Returns the refusal of a request; None if it may go on.

        Puts the name of the key into `scope["state"]["key_name"]`, for logs.
        """
        brings_body = has_body(scope)
        if scope["path"] in PROBES and not brings_body:
            return None
        key = self.identify(scope)
        name = key.name if key is not None else None
        scope.setdefault("state", {})["key_name"] = name
        address = (scope.get("client") or ("",))[0]
        seconds = await self._limits.hit(name, address)
        if seconds is not None:
            return refuse(
                429,
                f"Too many requests. Try again in {seconds} s.",
                {"Retry-After": str(seconds)},
            )
        is_protected = brings_body or scope["path"].startswith(_PROTECTED)
        if is_protected and self._keys is not None and key is None:
            return refuse(401, _NO_KEY, _CHALLENGE)
        if is_protected and self._keys is None and _is_foreign(scope):
            return refuse(403, "Pages of other sites must not call this.")
        if is_protected and self._is_local and not _names_loopback(scope):
            return refuse(
                403,
                "`Host` must be localhost or a loopback address, while callers "
                "need no keys and the gateway runs without --insecure.",
            )
        return None


def _is_foreign(scope: Scope) -> bool:
    """Tells whether a browser calls for a page of another site.

    Without keys any page could use a browser on this machine to call.
    """
    site = Headers(scope=scope).get("Sec-Fetch-Site", "none")
    return site not in ("same-origin", "none")


def _names_loopback(scope: Scope) -> bool:
    # Browsers always send it.
    host = Headers(scope=scope).get("Host", "localhost")
    return is_loopback(re.sub(r":\d*$", "", host))
