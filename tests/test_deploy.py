"""What `docs/running.md` hands to an operator can be read by what it is for, and is about this portal."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from portal.app import create_app
from portal.settings import Settings
from tools.install import PANGO

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.*"))
SBIN = "/usr/sbin:/sbin:/usr/bin:/bin"
Document = dict[str, Any]


def program(name: str) -> str:
    found = shutil.which(name, path=SBIN) or shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} here")
    return found


def accepts(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search(r"warning|\[warn\]", done.stderr, re.IGNORECASE), done.stderr


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "portal.example.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "portal.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def test_haproxy_reads_its_configuration(tmp_path: Path, certificate: Path) -> None:
    text = (DEPLOY / "haproxy.cfg").read_text()
    config = tmp_path / "haproxy.cfg"
    config.write_text(text.replace("/etc/haproxy/portal.pem", str(certificate)))
    accepts(program("haproxy"), "-c", "-f", str(config))


def test_nginx_reads_its_configuration(tmp_path: Path, certificate: Path) -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    for path in ("/etc/nginx/portal.pem", "/etc/nginx/portal.key"):
        text = text.replace(path, str(certificate))
    text = text.replace("/var/log/nginx", str(tmp_path)).replace("/run/nginx.pid", str(tmp_path / "pid"))
    config = tmp_path / "nginx.conf"
    config.write_text(text)
    accepts(program("nginx"), "-t", "-q", "-e", str(tmp_path / "error.log"), "-c", str(config))


def test_systemd_reads_its_units(tmp_path: Path) -> None:
    python = tmp_path / "opt" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    for unit in UNITS:
        text = unit.read_text().replace("/opt/portal/.venv/bin/python", str(python))
        # What the machine does not have is no mistake in the unit.
        (tmp_path / unit.name).write_text(text.replace("file:/opt/portal/", f"file:{ROOT}/"))
    units = [str(tmp_path / unit.name) for unit in UNITS if unit.suffix in {".service", ".target"}]
    accepts(program("systemd-analyze"), "verify", "--man=no", *units)


def test_units_and_containers_run_commands_that_there_are() -> None:
    said = subprocess.run(
        [str(ROOT / ".venv/bin/python"), "-m", "portal", "--help"], check=True, capture_output=True, text=True
    ).stdout
    for unit in UNITS:
        for command in re.findall(r"^ExecStart=.* -m portal (\S+)", unit.read_text(), re.MULTILINE):
            assert f"    {command} " in said, f"{unit.name}: {command}"
    for container in containers():
        [command] = container["args"]
        assert f"    {command} " in said, command


def test_the_examples_are_settings_that_production_takes() -> None:
    lines = (DEPLOY / "systemd/portal.env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert Settings.from_env(given).is_production

    found = {one["kind"]: one for one in documents("secret.example.yaml")}
    pods = {**found["ConfigMap"]["data"], **found["Secret"]["stringData"]}
    assert Settings.from_env(pods).is_production
    known = set(Settings.from_env(pods).environment())
    for name in {**given, **pods}:
        assert name in known, f"no setting is called {name}"


def test_what_kubernetes_is_told_hangs_together(tmp_path: Path) -> None:
    """Each selector finds pods, each probe and each way leads somewhere."""
    settings = Settings.from_env({"PORTAL_MODE": "test", "PORTAL_HOME": str(tmp_path)})
    told = [*documents("portal.yaml"), *documents("migrate.yaml")]
    pods = [one["spec"]["template"] for one in told if one["kind"] in {"Deployment", "Job"}]
    labels = [pod["metadata"]["labels"].items() for pod in pods]
    services = {one["metadata"]["name"] for one in told if one["kind"] == "Service"}
    for one in told:
        assert one["apiVersion"]
        assert one["metadata"]["name"]
        selector = one["spec"].get("selector", {})
        wanted = selector.get("matchLabels", selector).items()
        assert not wanted or any(wanted <= these for these in labels), one["metadata"]["name"]
    paths = {route.path for route in create_app(settings).routes}
    for pod in pods:
        assert pod["spec"]["securityContext"]["runAsNonRoot"]
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
        for container in pod["spec"]["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert {mount["name"] for mount in container["volumeMounts"]} == volumes
            probes = [probe for name, probe in container.items() if name.endswith("Probe")]
            assert {probe["httpGet"]["path"] for probe in probes} <= paths
    [ingress] = [one for one in told if one["kind"] == "Ingress"]
    ways = {
        way["path"]: way["backend"]["service"]["name"] for way in ingress["spec"]["rules"][0]["http"]["paths"]
    }
    assert ways["/orders/[^/]+/live$"] == "portal-live"
    assert ways["/"] == "portal-web"
    assert set(ways.values()) - services == {"portal-nowhere"}


def test_the_image_is_made_of_what_there_is() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = [line.split() for line in text.splitlines() if line.startswith("COPY ") and "--from" not in line]
    for _, *sources, _ in copied:
        for source in sources:
            assert (ROOT / source).exists(), source
    for package in PANGO.values():
        assert package in text, f"the PDFs need {package}"


def documents(name: str) -> list[Document]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes" / name).read_text()))


def containers() -> list[Document]:
    return [
        container
        for name in ("portal.yaml", "migrate.yaml")
        for one in documents(name)
        if one["kind"] in {"Deployment", "Job"}
        for container in one["spec"]["template"]["spec"]["containers"]
    ]
