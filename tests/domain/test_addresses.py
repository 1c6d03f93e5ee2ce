"""Which hosts are this machine, by their writing alone."""

from ipaddress import IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.addresses import is_loopback

HERE = ip_network("127.0.0.0/8")


@given(number=st.integers(0, 255) | st.integers(0, 2**24 - 1))
def test_every_address_that_begins_with_127_is_loopback(number):
    """RFC 1122 section 3.2.1.3 gives the whole network to the host itself."""

    assert is_loopback(str(HERE[number]))


@given(
    address=st.ip_addresses(v=4) | st.ip_addresses(v=6, network="2000::/3") | st.integers(2, 2**32 - 1).map(IPv6Address)
)
def test_every_other_address_is_not(address):
    """Private, unspecified and public addresses may be other machines."""

    assert is_loopback(str(address)) is (address.version == 4 and address in HERE)


@pytest.mark.parametrize("host", ["::1", "0:0:0:0:0:0:0:1"])
def test_the_one_of_the_newer_protocol_is_loopback_however_it_is_written(host):
    """``::1`` is the only loopback address of IPv6."""

    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "LOCALHOST",
        "localhost.localdomain",
        "ip6-localhost",
        "127.0.0.1.evil.example",
        "evil.example",
        "127.1",
        "0127.0.0.1",
        "0x7f.0.0.1",
        "2130706433",
        "127.0.0.1.",
        " 127.0.0.1",
        "127.0.0.1\n",
        "127.0.0.1:80",
        "[::1]",
        "\uff11\uff12\uff17.0.0.1",
        "127.0.0.1/8",
    ],
)
def test_names_and_odd_writings_are_not(host):
    """A name, ``localhost`` too, is whatever a resolver says; and no writing is believed that another reader may mistake."""

    assert not is_loopback(host)
