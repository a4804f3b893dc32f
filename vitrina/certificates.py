"""The certificate towards visitors: read and judged when a configuration is loaded, served from memory afterwards.

Invariant: what was judged is what is served. The bytes travel with the configuration, so a file that is exchanged
between two reloads changes nothing, not even for a worker that is started again.
"""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.errors import Problem
from config.settings import Tls

ALPN = ["http/1.1"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A chain and its private key, both PEM."""

    chain: bytes
    key: bytes

    def __repr__(self) -> str:
        """Without the key: this may end in a log."""
        return f"Certificate(<{len(self.chain)} bytes>)"


def read_certificate(tls: Tls) -> Certificate:
    """The bytes of both files; OSError when one cannot be read."""
    return Certificate(Path(tls.cert).read_bytes(), Path(tls.key).read_bytes())


def server_context(certificate: Certificate) -> ssl.SSLContext:
    """What the data plane serves with: TLS 1.2 or later, HTTP/1.1. ssl.SSLError when the two are no pair."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(ALPN)
    # OpenSSL takes files only; these have no name, so the key is on no disk that it was not on before.
    with _as_file(certificate.chain) as chain, _as_file(certificate.key) as key:
        # An encrypted key would have OpenSSL ask on the terminal.
        context.load_cert_chain(chain, key, password="")
    return context


@contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    descriptor = os.memfd_create("pem")
    try:
        os.write(descriptor, data)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def certificate_problems(tls: Tls, now: datetime | None = None) -> list[Problem]:
    """Why it cannot be served: unreadable, no PEM, not a pair, expired or not yet valid. Empty when it can."""
    found = [
        Problem(tls.place, f"tls.{key}", problem)
        for key, path in (("cert", tls.cert), ("key", tls.key))
        if path and (problem := _unreadable(path)) is not None
    ]
    if found or not (tls.cert and tls.key):  # a missing file was reported with the file's other problems
        return found
    certificate = read_certificate(tls)
    problem = _chain_problem(certificate.chain, tls.cert, now or datetime.now(UTC))
    if problem is not None:
        return [Problem(tls.place, "tls.cert", problem)]
    if b"ENCRYPTED" in certificate.key:
        return [Problem(tls.place, "tls.key", f'"{tls.key}": has a passphrase; write it without one, mode 0600')]
    try:
        server_context(certificate)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return [Problem(tls.place, "tls.key", f'"{tls.key}": is not the private key of "{tls.cert}"')]
        reason = (error.reason or str(error)).replace("_", " ").lower()
        return [Problem(tls.place, "tls.key", f'"{tls.key}": cannot be used: {reason}')]
    return []


def _unreadable(path: str) -> str | None:
    try:
        Path(path).read_bytes()
    except FileNotFoundError:
        return None  # said where the configuration was read
    except OSError as error:
        return f'"{path}": {error.strerror}'
    return None


def _chain_problem(chain: bytes, path: str, now: datetime) -> str | None:
    # Only who serves TLS pays for the import.
    from cryptography import x509

    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
    except ValueError:
        return f'"{path}": holds no certificate in PEM'
    if leaf.not_valid_after_utc <= now:
        return f'"{path}": expired on {leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC'
    if leaf.not_valid_before_utc > now:
        return f'"{path}": is valid only from {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on'
    return None


def authority_problem(path: str) -> str | None:
    """Why `site.origin_ca` cannot be used, or None."""
    try:
        ssl.create_default_context(cafile=path)
    except FileNotFoundError:
        return None  # said where the configuration was read
    except (ssl.SSLError, OSError) as error:
        return f'"{path}": holds no certificate in PEM ({getattr(error, "reason", None) or error})'
    return None
