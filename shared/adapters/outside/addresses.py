"""Which addresses are of the public internet.

What the standard library calls global is not enough: addresses that carry another one are, too.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Allowed = Callable[[Address], bool]
UNICAST = IPv6Network("2000::/3")
CARRYING = (  # an IPv4 address inside, which need not be public
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("2001::/32"),  # Teredo
)


def public(address: Address) -> bool:
    """NAT64 and mapped addresses lie outside of global unicast, and go with it."""
    if isinstance(address, IPv6Address) and not _plain(address):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _plain(address: IPv6Address) -> bool:
    return address in UNICAST and not any(address in each for each in CARRYING)


def public_or_loopback(address: Address) -> bool:
    """For tests and development, if the installation says so."""
    return address.is_loopback or public(address)


def parsed(text: str) -> Address:
    """What a resolver answers; a scope (`%eth0`) is of this machine, and never public."""
    return ip_address(text)
