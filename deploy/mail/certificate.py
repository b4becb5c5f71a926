"""A certificate for a mail server on 127.0.0.1, as good or as bad as a trial needs it."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(folder: Path, address: str = "127.0.0.1", days: int = 1) -> tuple[Path, ssl.SSLContext]:
    """The file that a client has to trust, and the server's side; for `address`, and out of date where `days` is below 0."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(9), now + timedelta(days))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
    signed = made.add_extension(names, critical=False).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file, trusted = folder / "server.pem", folder / "ca.pem"
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    trusted.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return trusted, context
