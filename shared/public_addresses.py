"""Which addresses of the internet a webhook may go to: public ones, and networks that the operator has named."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from shared.settings import InvalidSettingError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# `is_global` of the standard library is the start: it knows private ranges, loopback, link-local, CGNAT and the like.
# It lets these through, behind which stands an IPv4 address of any kind, a group, or a cloud's own metadata.
_NEVER = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # IETF protocol assignments; one cloud has its metadata there
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # a public address that is one cloud's platform, reachable only from inside
        "224.0.0.0/4",  # multicast
        "::/96",  # IPv4-compatible: ::127.0.0.1
        "::ffff:0:0/96",  # IPv4-mapped
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64 of a network of its own
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation, which Python does not know yet
        "ff00::/8",  # multicast
    )
)
_UNICAST = IPv6Network("2000::/3")
"""All that is given out of IPv6 for the internet."""


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet's, and leads to nothing else."""
    if isinstance(address, IPv6Address) and (address.scope_id is not None or address not in _UNICAST):
        return False
    return address.is_global and not any(address in network for network in _NEVER)


def parse_address(text: str) -> Address | None:
    """The address that a text is in its usual form (four decimal numbers, or IPv6); None for any other text."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def read_networks(setting: str) -> tuple[Network, ...]:
    """The networks of KARTU_WEBHOOK_NETWORKS; raises InvalidSettingError."""
    try:
        return tuple(ip_network(part.strip()) for part in setting.split(",") if part.strip())
    except ValueError:
        raise InvalidSettingError(
            "KARTU_WEBHOOK_NETWORKS must hold networks such as 127.0.0.0/8, separated by commas."
        ) from None
