import datetime
import ipaddress

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from serving.model_server.rpc.grpc_server import load_server_credentials
from serving.model_server.server import ModelServer
from serving.model_server.serving_error import ServingError
from serving.model_server.settings.config_protos import SSLConfig
from serving.model_server.settings.server_options import ServerOptions
from serving.protos import prediction_service_pb2_grpc
from tests.serving.conformance.requests import build_predict


def _make_certificate(name, issuer=None):
    """Returns key and certificate, signed by `issuer` or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer_key, issuer_certificate = issuer or (key, None)
    now = datetime.datetime.now(datetime.UTC)
    address = ipaddress.ip_address("127.0.0.1")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(address)]), False
        )
        .add_extension(x509.BasicConstraints(issuer is None, None), True)
        .sign(issuer_key, hashes.SHA256())
    )
    return key, certificate


def _pem(key, certificate):
    return (
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        certificate.public_bytes(serialization.Encoding.PEM),
    )


@pytest.fixture(scope="module")
def certificates():
    """PEM texts of an authority, a server, a client and a stranger."""
    authority = _make_certificate("authority")
    stranger = _make_certificate("stranger")
    return {
        "authority": _pem(*authority),
        "server": _pem(*_make_certificate("server", authority)),
        "client": _pem(*_make_certificate("client", authority)),
        "stranger": _pem(*stranger),
    }


def _write_config(path, certificates, client_verify):
    key, certificate = certificates["server"]
    config = SSLConfig(
        server_key=key.decode(),
        server_cert=certificate.decode(),
        custom_ca=certificates["authority"][1].decode(),
        client_verify=client_verify,
    )
    path.write_text(str(config))
    return str(path)


def _ask(port, root, client=(None, None)):
    credentials = grpc.ssl_channel_credentials(root, *client)
    with grpc.secure_channel(f"127.0.0.1:{port}", credentials) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        return stub.Predict(build_predict("m", {"x": [2.0]}), timeout=20)


@pytest.mark.parametrize("client_verify", [False, True])
def test_o11_port_speaks_tls(
    certificates, client_verify, half_plus_two, tmp_path
):
    config = _write_config(tmp_path / "ssl", certificates, client_verify)
    options = ServerOptions(host="127.0.0.1", ssl_config_file=config)
    root = certificates["authority"][1]
    with ModelServer("m", half_plus_two.parent, 0, options) as server:
        assert _ask(server.port, root, certificates["client"]).outputs
        if client_verify:
            for client in ((None, None), certificates["stranger"]):
                with pytest.raises(grpc.RpcError):
                    _ask(server.port, root, client)
        else:
            assert _ask(server.port, root).outputs
        with pytest.raises(grpc.RpcError):
            _ask(server.port, certificates["stranger"][1])
        with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
            with pytest.raises(grpc.RpcError):
                stub.Predict(build_predict("m", {"x": [2.0]}), timeout=20)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('server_cert: "x"', "`server_key` must be set"),
        ('server_key: "x"', "`server_cert` must be set"),
        (
            'server_key: "x" server_cert: "x" client_verify: true',
            "needs a `custom_ca`",
        ),
        ("server_key", "Invalid protobuf file"),
    ],
)
def test_o11_bad_file_ends_the_start(tmp_path, half_plus_two, text, message):
    file = tmp_path / "ssl"
    file.write_text(text)
    with pytest.raises(ServingError, match=message):
        load_server_credentials(file)
