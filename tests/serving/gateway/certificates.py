"""Certificates for a test: an authority and what it signs, as PEM files."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Certificate:
    """Paths of a PEM key and of its PEM certificate, for 127.0.0.1."""

    key: Path
    certificate: Path


class Authority:
    """Signs certificates into a folder."""

    def __init__(self, folder: Path, name: str = "authority"):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name(
            [x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
        )
        self.own = self._write(name, self._key, self._name, is_authority=True)

    def issue(self, name: str) -> Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
        )
        return self._write(name, key, subject, is_authority=False)

    def _write(self, name, key, subject, is_authority) -> Certificate:
        now = datetime.datetime.now(datetime.UTC)
        address = ipaddress.ip_address("127.0.0.1")
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(address)]), False
            )
            .add_extension(x509.BasicConstraints(is_authority, None), True)
            .sign(self._key, hashes.SHA256())
        )
        paths = Certificate(
            self._folder / f"{name}.key", self._folder / f"{name}.crt"
        )
        paths.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        paths.certificate.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
        )
        return paths
