"""A company's identity provider beside a portal: npm's oidc-provider, run by node, with people who sign in there."""

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from portal.adapters.children import dies_with_parent

SCRIPT = Path(__file__).parent / "provider.mjs"
CLIENT, SECRET = "portal", "a secret of the company & of the portal"
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "petra": {
        "email": "petra@nordwind.example",
        "email_verified": True,
        "name": "Petra Vogt",
        "groups": ["Buying"],
    },
    "ines": {
        "email": "ines@nordwind.example",
        "email_verified": True,
        "name": "Ines Albers",
        "groups": ["IT"],
    },
    "nora": {
        "email": "nora@nordwind.example",
        "email_verified": True,
        "name": "Nora Feld",
        "groups": ["Buying"],
    },
    "liar": {"email": "ines@nordwind.example", "email_verified": False, "groups": ["IT"]},
    "stranger": {"email": "rita@veltro.example", "email_verified": True, "groups": ["IT"]},
}


@dataclass
class Running:
    issuer: str

    def sign_in(self, client: httpx.Client, there: str, who: str) -> str:
        """As a person does it, on the provider's own pages; answers where it sends them back to."""
        answer = client.get(there)
        for _ in range(10):
            if answer.is_redirect:
                onward = urljoin(str(answer.url), answer.headers["location"])
                if not onward.startswith(self.issuer):
                    return onward
                answer = client.get(onward)
                continue
            action = re.search(r'<form[^>]+action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert action is not None, answer.text
            assert prompt is not None, answer.text
            form = {"prompt": prompt[1]} | ({"login": who, "password": "x"} if prompt[1] == "login" else {})
            answer = client.post(urljoin(str(answer.url), action[1]), data=form)
        raise AssertionError("the provider leads round and round")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def provider(portal: str, account: str) -> Iterator[Running]:
    """It ends with the test."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not there to run the provider")
    port = free_port()
    told = {
        "port": port,
        "portal": portal,
        "people": PEOPLE,
        "backchannel": f"{portal}/sign-in/company/backchannel/{account}",
    }
    process = subprocess.Popen(
        [node, SCRIPT, json.dumps(told)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(9),
    )
    try:
        assert process.stdout is not None
        assert any(line.strip() == b"ready" for line in process.stdout), "the provider has ended"
        yield Running(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
