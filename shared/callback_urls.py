"""Where a webhook may go: the rules that a `callbackUrl` is checked by when it is sent, and again at each attempt."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.errors import ValidationFailed
from shared.public_addresses import Address, Network, is_public, parse_address, read_networks
from shared.settings import Settings

FIELD = "callbackUrl"
LONGEST_URL = 2048
_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"\d+|0[xX][0-9A-Fa-f]*")


@dataclass(frozen=True)
class Target:
    """A URL taken apart: `host` without the brackets of IPv6, `path` with the query, to be sent as it stands."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The Host header: the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


class CallbackRules:
    """Tells what is permitted; KARTU_WEBHOOK_HTTP and KARTU_WEBHOOK_NETWORKS open more."""

    def __init__(self, settings: Settings) -> None:
        self._schemes = ("https", "http") if settings.webhook_http else ("https",)
        self._networks: tuple[Network, ...] = read_networks(settings.webhook_networks)

    def check(self, url: str) -> Target:
        """The target of a URL; raises ValidationFailed. No name is resolved here."""
        if not (0 < len(url) <= LONGEST_URL and re.fullmatch(r"[!-~]+", url)) or "\\" in url:
            raise _error(f"Must be a URL of at most {LONGEST_URL} ASCII characters, without blanks.")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise _error("The host or port is not valid.") from None
        if parts.scheme not in self._schemes:
            raise _error(f"Must be a URL that begins with {' or '.join(f'{each}://' for each in self._schemes)}.")
        if "@" in parts.netloc:
            raise _error("Must not hold a user name or password.")
        if "#" in url:
            raise _error("Must not have a fragment.")
        # A dot at the end names the same host, but no certificate does.
        host = (parts.hostname or "").removesuffix(".")
        if port == 0 or not self._is_possible(host):
            raise _error("The host or port is not valid.")
        address = parse_address(host)
        if not (self.permits(address) if address else self._is_name(host)):
            raise _error("The host must be a public name or address.")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)

    def permits(self, address: Address) -> bool:
        """Whether a connection may go to this address."""
        return is_public(address) or any(address in network for network in self._networks)

    def _is_possible(self, host: str) -> bool:
        if parse_address(host) is not None:
            return True
        return 0 < len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))

    def _is_name(self, host: str) -> bool:
        """Whether it is a name, and a public one by its form.

        What ends in a number is no name but an address in one of its odd forms (127.1, 0x7f000001, 2130706433), which
        resolvers understand. A name without a dot is one of the local network.
        """
        labels = host.split(".")
        return not _NUMBER.fullmatch(labels[-1]) and (len(labels) > 1 or bool(self._networks))


def receiver_digest(target: Target, owner: str, key: bytes) -> str:
    """What a receiver is called in Redis: one name for all URLs of a host and port, under each API key its own.

    So the failures of one client's receivers pause nobody else's, and the name does not tell what it names.
    """
    name = f"{owner} {target.host.lower()}:{target.port}".encode()
    return hmac.digest(hashlib.sha256(b"kartu receivers" + key).digest(), name, "sha256").hex()[:32]


def _error(sentence: str) -> ValidationFailed:
    return ValidationFailed({FIELD: [sentence]})
