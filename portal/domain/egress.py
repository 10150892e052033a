"""Which addresses anybody on the internet can reach: to all others nothing is sent for a customer.

A customer names where they want to be told. If that led to the supplier's own network, to the machine itself, or to the
services that a host gives its guests, whoever names it could ask what only the portal may ask.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# The registries of special-purpose addresses (IANA), whether or not they count as global there.
NOT_PUBLIC_4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",  # this machine
        "169.254.0.0/16",  # this link; hosts' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Only these were ever given out. Outside of it lie ::1, IPv4 in other clothes (::ffff:0:0/96, 64:ff9b::/96,
# 64:ff9b:1::/48), fc00::/7, fe80::/10, fec0::/10, ff00::/8, 100::/64 and 5f00::/16.
PUBLIC_6 = ip_network("2000::/3")
NOT_PUBLIC_6 = tuple(
    ip_network(block)
    for block in (
        "2001::/23",  # protocols: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: IPv4 within
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(address: str) -> bool:
    """Whether it is an address that everybody's machines may have."""
    at = _read(address)
    if isinstance(at, IPv4Address):
        return not any(at in block for block in NOT_PUBLIC_4)
    if isinstance(at, IPv6Address):
        return at in PUBLIC_6 and not any(at in block for block in NOT_PUBLIC_6)
    return False


def is_loopback(address: str) -> bool:
    """Whether it is this machine, and said so plainly."""
    at = _read(address)
    return at is not None and at.is_loopback and not getattr(at, "ipv4_mapped", None)


def is_address(host: str) -> bool:
    return _read(host) is not None


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        # A zone (`fe80::1%eth0`) belongs to addresses of a link only.
        return ip_address(address.partition("%")[0])
    except ValueError:
        return None
