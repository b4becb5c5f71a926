"""Where mail is handed in: CARE_SMTP_URL as a value, and the connection that it describes."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import SMTP

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """One mail server. `ca` is a file of further trusted certificates; `verify` False only for tests on one machine."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = None
    verify: bool = True

    def session(self, seconds: float) -> SMTP:
        """An unconnected session; its `connect` does TLS and AUTH, each step within `seconds`."""
        return SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            timeout=seconds,
            use_tls=self.scheme == "smtps",
            start_tls=self.scheme == "smtp+starttls",
            tls_context=self._tls() if self.scheme != "smtp" else None,
        )

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def mail_server(url: str) -> MailServer:
    """Reads `smtp://`, `smtp+starttls://` or `smtps://[USER:PASSWORD@]HOST[:PORT][?ca=FILE|?verify=no]`; ValueError without repeating a secret."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"CARE_SMTP_URL: expected smtp://, smtp+starttls:// or smtps:// and a host, got the scheme {parts.scheme!r}")
    if parts.username and parts.scheme == "smtp" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("CARE_SMTP_URL: a password goes only over smtp+starttls:// or smtps://, or to this machine")
    query = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    if unknown := query.keys() - {"ca", "verify"}:
        raise ValueError(f"CARE_SMTP_URL: expected ca or verify after the question mark, got {sorted(unknown)}")
    ca = query.get("ca", [None])[0]
    if ca is not None and not Path(ca).is_file():
        raise ValueError("CARE_SMTP_URL: expected ca to name a file, found none")
    return MailServer(
        parts.scheme,
        parts.hostname,
        parts.port or _PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        ca,
        query.get("verify", ["yes"])[0] != "no",
    )
