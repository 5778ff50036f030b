"""Which addresses are called on somebody else's word, and which never (SSRF-1, SSRF-3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_server.outgoing import RefusedAddress, is_public, read_url

INSIDE = """
127.0.0.1 127.255.0.9 0.0.0.0 10.0.0.1 10.255.255.255 172.16.0.1 172.31.9.9 192.168.1.1
169.254.169.254 169.254.0.1 100.64.0.1 100.127.255.255 192.0.0.8 192.0.2.1 198.18.0.1
198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 ::1 ::
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1 ::10.1.2.3 fc00::1
fd00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 2001:db8::1 100::1 64:ff9b::7f00:1
64:ff9b::a00:1 64:ff9b:1::7f00:1 2002:7f00:1:: 2002:a00:1::1
2001:0:4136:e378:8000:63bf:80ff:fffe 2001:0:1:2:3:4:f5ff:fffe
"""
OUTSIDE = """
8.8.8.8 1.1.1.1 93.184.215.14 2606:4700:4700::1111 2a00:1450:4007:80c::200e ::ffff:8.8.8.8
64:ff9b::808:808 2002:808:808::1
"""
REFUSED_URLS = """
http://hooks.example.org/ ftp://hooks.example.org/ file:///etc/passwd
gopher://hooks.example.org/ //hooks.example.org/ hooks.example.org javascript:alert(1)
data:text/plain,x https:/// https:// https://127.0.0.1/ https://127.1/ https://2130706433/
https://0x7f000001/ https://0x7f.1/ https://0177.0.0.1/ https://[::1]/
https://[::ffff:127.0.0.1]/ https://0/ https://localhost/ https://localhost./
https://intranet/ https://10.0.0.1:8443/ https://169.254.169.254/latest
https://hooks.example.org:22/ https://hooks.example.org:25/
https://hooks.example.org:6379/ https://hooks.example.org:80/
https://hooks.example.org:99999/ https://hooks.example.org:x/
https://user@hooks.example.org/ https://user:pw@hooks.example.org/
https://@hooks.example.org/ https://hooks.example.org#x
https://hooks.example.org@127.0.0.1/ https://①②⑦.⓪.⓪.①/ https://127。0。0。1/
https://8.8.8.8/ https://hooks..example.org/
"""


@pytest.mark.parametrize("address", INSIDE.split())
def test_SSRF_3_an_address_inside_is_not_public(address: str) -> None:  # noqa: N802
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE.split())
def test_SSRF_3_an_address_of_the_open_internet_is_public(address: str) -> None:  # noqa: N802
    assert is_public(address)


@pytest.mark.parametrize("url", REFUSED_URLS.split())
def test_SSRF_1_an_unfit_url_is_refused_and_not_repeated(url: str) -> None:  # noqa: N802
    with pytest.raises(RefusedAddress) as refused:
        read_url(url)
    assert url == "https://" or url not in str(refused.value)


@pytest.mark.parametrize("letter", [" ", "\n", "\r", "\t", "\x00", "\x7f", "\\"])
def test_SSRF_1_a_control_letter_never_reaches_the_wire(letter: str) -> None:  # noqa: N802
    with pytest.raises(RefusedAddress):
        read_url(f"https://hooks.example.org{letter}@10.0.0.1/")


def test_a_fit_url_is_read_into_its_parts() -> None:
    found = read_url("https://Hooks.Example.org/in?key=7")
    assert (found.secure, found.host, found.port) == (True, "hooks.example.org", 443)
    assert (found.target, found.authority) == ("/in?key=7", "hooks.example.org")
    assert read_url("https://hooks.example.org:8443/").authority == "hooks.example.org:8443"


def test_a_name_outside_ascii_is_written_as_it_is_resolved() -> None:
    assert read_url("https://bücher.example/").host == "xn--bcher-kva.example"


def test_the_operator_vouches_for_one_pair_of_host_and_port_only() -> None:
    assert read_url("http://127.0.0.1:9000/x", allowed={"127.0.0.1:9000"}).allowed
    for url in ("http://127.0.0.1:9001/x", "http://127.0.0.2:9000/x"):
        with pytest.raises(RefusedAddress):
            read_url(url, allowed={"127.0.0.1:9000"})


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://hooks.example.org/{text}"):
        try:
            found = read_url(url)
        except RefusedAddress:
            continue
        assert found.secure
        assert found.port in {443, 8443}
