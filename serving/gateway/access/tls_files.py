"""TLS of the gateway's own port."""

import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class TlsFiles:
    """PEM files; keep the key in a file that only the gateway can read."""

    certificate: Path  # and those between it and its authority
    key: Path
    client_authority: Path | None = None  # callers need a certificate
    # that it signed

    def build_uvicorn_options(self) -> dict[str, object]:
        """Builds the options of `uvicorn.Config`, after a check of the files.

        Raises:
            ValueError: they are not PEM, or the key is another certificate's.
            OSError: a file cannot be read.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.certificate, self.key)
            if self.client_authority is not None:
                context.load_verify_locations(self.client_authority)
        except ssl.SSLError as error:
            raise ValueError(
                f"{self.certificate} and {self.key} must be a certificate and "
                f"its key in PEM. Received: {error.reason}."
            ) from error
        options: dict[str, object] = {
            "ssl_certfile": str(self.certificate),
            "ssl_keyfile": str(self.key),
        }
        if self.client_authority is not None:
            options["ssl_ca_certs"] = str(self.client_authority)
            options["ssl_cert_reqs"] = ssl.CERT_REQUIRED
        return options
