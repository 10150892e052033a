"""Nothing is sent into the supplier's own network for a customer, whatever name, address or trick leads there."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.adapters.egress import Egress
from portal.domain.egress import is_public
from portal.domain.webhooks import check_url
from tests.outbound.receiver import Answer, receiving

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.2",
    "192.168.1.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.216.34",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::a00:1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:30::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:5db8:d822::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = [
    "1.1.1.1",
    "93.184.216.34",
    "172.15.255.255",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "198.17.255.255",
    "198.20.0.1",
]
PUBLIC_6 = ["2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4009::200e", "2001:4860:4860::8888"]


def test_every_address_that_is_not_everybodys_is_refused() -> None:
    assert [one for one in NOT_PUBLIC if is_public(one)] == []
    assert [one for one in PUBLIC + PUBLIC_6 if not is_public(one)] == []
    assert not is_public("example.com")


def test_what_python_calls_private_is_never_public() -> None:
    """Another list than ours, over addresses of all kinds."""
    for first in range(256):
        for address in (f"{first}.0.0.1", f"{first}.168.1.1", f"{first}.16.5.5", f"{first}.254.169.254"):
            ours, theirs = is_public(address), ipaddress.ip_address(address)
            assert not ours or (theirs.is_global and not theirs.is_multicast)
    for first in range(0, 65536, 7):
        six = ipaddress.ip_address((first << 112) + 1)
        assert not is_public(str(six)) or six.is_global


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com/",
        "https://",
        "https://localhost/",
        "https://db.internal/",
        "https://intranet/",
        "https://printer.local./",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2130706433/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://me:secret@example.com/",
        "https://example.com/#part",
        "https://example.com:0/",
        "https://example.com:70000/",
        "https://exa mple.com/",
        "https://example.com/\r\nHost: x",
        "https://exämple.com/",
        "https://[::1/",
        "https://a..b.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https://" + "a" * 2000 + ".com/",
        "https:///example.com",
        "",
    ],
)
@pytest.mark.parametrize("simulated", [False, True])
def test_an_address_that_can_never_be_told_is_refused_at_once(url: str, simulated: bool) -> None:
    if simulated and ("localhost" in url or "[::1]" in url):
        return
    assert check_url(url, simulated)


def test_others_are_taken_and_this_machine_in_demo_mode_only() -> None:
    for url in (
        "https://example.com/hook?x=1",
        "https://example.com:8443/",
        "https://1.1.1.1/",
        "https://[2606:2800::1]/",
    ):
        assert check_url(url, simulated=False) is None
    for url in (
        "http://127.0.0.1:8000/hook",
        "http://localhost:9/",
        "http://[::1]:80/",
        "https://127.0.0.1:1/",
    ):
        assert check_url(url, simulated=True) is None
        assert check_url(url, simulated=False)
    assert check_url("http://example.com/", simulated=True)


class Resolver:
    """Answers one after the other: it changes its mind."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return list(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


async def test_a_name_that_leads_inside_is_refused_before_anything_is_connected() -> None:
    async with receiving() as receiver:
        for addresses in (
            ["127.0.0.1"],
            ["93.184.216.34", "10.0.0.1"],
            ["::ffff:127.0.0.1"],
            ["169.254.169.254"],
        ):
            egress = Egress(simulated=False, resolve=Resolver(addresses))
            answer = await egress.post(f"http://customer.example:{receiver.port}/", {}, b"{}")
            assert answer.status is None
            assert "not public" in (answer.problem or "")
            assert addresses[-1] not in (answer.problem or ""), (
                "how names resolve inside is nobody's business"
            )
            await egress.close()
        assert receiver.connections == 0


async def test_in_demo_mode_the_machine_itself_is_told_and_nothing_else_inside() -> None:
    async with receiving() as receiver:
        egress = Egress(simulated=True, resolve=Resolver(["127.0.0.1"]))
        assert (await egress.post(receiver.url, {}, b"{}")).status == 204
        await egress.close()
        egress = Egress(simulated=True, resolve=Resolver(["192.168.0.1"]))
        assert "not public" in ((await egress.post(receiver.url, {}, b"{}")).problem or "")
        await egress.close()


async def test_a_resolver_that_changes_its_mind_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the address that was looked at is the one that is connected to, and each connection looks anew."""
    async with receiving() as public, receiving(host="127.0.0.2") as inside:
        monkeypatch.setattr("portal.adapters.egress.is_public", lambda address: address == "127.0.0.1")
        resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
        egress = Egress(simulated=False, resolve=resolver)
        answer = await egress.post(f"http://rebinding.example:{public.port}/", {}, b"{}")
        assert (answer.status, answer.address) == (204, "127.0.0.1")
        assert resolver.asked == ["rebinding.example"]
        # The connection is kept, and is to the address that was looked at.
        assert (await egress.post(f"http://rebinding.example:{public.port}/", {}, b"{}")).status == 204
        assert public.connections == 1
        assert resolver.asked == ["rebinding.example"]
        answer = await egress.post(f"http://rebinding.example:{inside.port}/", {}, b"{}")
        assert answer.status is None
        assert inside.connections == 0
        await egress.close()


async def test_redirects_are_not_followed_and_no_proxy_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with receiving() as inside, receiving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with receiving(lambda *_: Answer(302, {"location": inside.url})) as receiver:
            egress = Egress(simulated=True)
            answer = await egress.post(receiver.url, {}, b"{}")
            assert answer.status == 302
            assert "not followed" in (answer.problem or "")
            await egress.close()
        assert inside.heard == []
        assert proxy.connections == 0


async def test_slow_and_endless_answers_end_in_time() -> None:
    for reply in (Answer(after=None), Answer(200, is_endless=True), Answer(200, body=b"x" * 100_000)):
        async with receiving(lambda *_, reply=reply: reply) as receiver:
            egress = Egress(simulated=True, in_all=1)
            answer = await egress.post(receiver.url, {}, b"{}")
            if reply.after is None:
                assert answer.status is None
                assert "within 1 second" in (answer.problem or "")
            else:
                assert len(answer.response_body or "") == 20_000
            assert answer.duration_ms < 1500
            await egress.close()


async def test_interim_answers_without_an_end_keep_nobody_busy() -> None:
    async with receiving(lambda *_: Answer(is_preliminary=True)) as receiver:
        egress = Egress(simulated=True, in_all=10)
        answer = await egress.post(receiver.url, {}, b"{}")
        assert answer.status is None
        assert "no end" in (answer.problem or "")
        await egress.close()


async def test_what_is_forgotten_meanwhile_spoils_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.adapters.egress.FORGOTTEN", -1.0)
    async with receiving() as receiver:
        egress = Egress(simulated=True)
        for _ in range(3):
            answers = await asyncio.gather(
                *(egress.post(receiver.url, {}, b"{}", way=f"we_{n}") for n in range(20))
            )
            assert {answer.status for answer in answers} == {204}
        await egress.close()


async def test_nobody_there_is_said_in_words() -> None:
    async with receiving() as receiver:
        port = receiver.port
    egress = Egress(simulated=True)
    answer = await egress.post(f"http://127.0.0.1:{port}/", {}, b"{}")
    assert answer.status is None
    assert answer.problem
    answer = await egress.post("https://no-such-name.invalid/", {}, b"{}")
    assert "no address has the name" in (answer.problem or "")
    await egress.close()


@pytest.fixture
async def authority() -> AsyncIterator[tuple[ssl.SSLContext, ssl.SSLContext]]:
    """TLS of a server named shop.example, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "both.pem"
        file.write_bytes(private + certificate)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=certificate.decode())
    return server, client


async def test_tls_stays_with_the_name_though_the_connection_goes_to_the_address(
    authority: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, client = authority
    async with receiving(tls=server) as receiver:
        egress = Egress(simulated=True, resolve=Resolver(["127.0.0.1"]), tls=client)
        answer = await egress.post(f"https://shop.example:{receiver.port}/hook", {}, b"{}")
        assert (answer.status, answer.address) == (204, "127.0.0.1")
        assert receiver.heard[0].headers["host"] == f"shop.example:{receiver.port}"
        # Another name at the same address is not the one that the certificate is of.
        answer = await egress.post(f"https://other.example:{receiver.port}/hook", {}, b"{}")
        assert answer.status is None
        assert "certificate" in (answer.problem or "").lower()
        await egress.close()
