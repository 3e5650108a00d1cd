"""A certificate that a site signs itself, for trying it on one machine; browsers ask before they believe it."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LASTS = dt.timedelta(days=365)
SPARE = dt.timedelta(days=30)


def ensure_certificate(host: str, certificate: Path, key: Path) -> None:
    """Write a certificate for `host`, and its key, unless they are there and last for some weeks more."""
    if certificate.exists() and key.exists():
        kept = x509.load_pem_x509_certificate(certificate.read_bytes())
        if kept.subject == name(host) and kept.not_valid_after_utc > dt.datetime.now(dt.UTC) + SPARE:
            return
    secret = ec.generate_private_key(ec.SECP256R1())
    key.unlink(missing_ok=True)
    key.touch(mode=0o600)
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate.write_bytes(sign(host, secret).public_bytes(serialization.Encoding.PEM))


def sign(host: str, secret: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name(host))
        .issuer_name(name(host))
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName([alternative(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(secret, hashes.SHA256())
    )


def name(host: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])


def alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
