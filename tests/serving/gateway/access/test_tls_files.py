"""The gateway's port under TLS, with real handshakes."""

import ssl

import httpx
import pytest
from starlette.responses import PlainTextResponse

from serving.gateway.access.security_headers import SecurityHeaders
from serving.gateway.access.tls_files import TlsFiles
from tests.serving.gateway.access.live_server import serve
from tests.serving.gateway.certificates import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def issued(authority):
    return authority.issue("server")


def _trust(authority, client=None):
    context = ssl.create_default_context(cafile=authority.own.certificate)
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    return context


def _ask(port, context):
    return httpx.get(f"https://127.0.0.1:{port}/v1/", verify=context)


def test_server_shows_its_certificate_and_says_to_stay_with_tls(
    authority, issued
):
    files = TlsFiles(certificate=issued.certificate, key=issued.key)
    app = SecurityHeaders(PlainTextResponse("hello"))
    with serve(app, **files.build_uvicorn_options()) as port:
        answer = _ask(port, _trust(authority))
    assert answer.text == "hello"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_callers_need_a_certificate_where_an_authority_is_named(
    authority, issued
):
    files = TlsFiles(
        certificate=issued.certificate,
        key=issued.key,
        client_authority=authority.own.certificate,
    )
    with serve(
        PlainTextResponse("hello"), **files.build_uvicorn_options()
    ) as port:
        with pytest.raises(httpx.TransportError):
            _ask(port, _trust(authority))
        caller = authority.issue("caller")
        assert _ask(port, _trust(authority, caller)).text == "hello"


def test_key_of_another_certificate_is_refused(authority, issued):
    other = authority.issue("other")
    files = TlsFiles(certificate=issued.certificate, key=other.key)
    with pytest.raises(ValueError, match="KEY_VALUES_MISMATCH"):
        files.build_uvicorn_options()


def test_file_that_is_no_pem_is_refused(issued, tmp_path):
    path = tmp_path / "server.crt"
    path.write_text("hello")
    files = TlsFiles(certificate=path, key=issued.key)
    with pytest.raises(ValueError, match=r"server\.crt and .* in PEM"):
        files.build_uvicorn_options()


def test_missing_file_is_refused(issued, tmp_path):
    files = TlsFiles(certificate=tmp_path / "none.crt", key=issued.key)
    with pytest.raises(FileNotFoundError):
        files.build_uvicorn_options()
