"""The sandbox ERP by itself: what it was told outlives it, and it is nobody's who was not given the token."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from portal.adapters.erp.sandbox import Sandbox, serve


@contextmanager
def running(file: Path) -> Iterator[httpx.Client]:
    server = serve(Sandbox(file, "t"), 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as client:
        yield client
    server.shutdown()
    server.server_close()


def form(client: httpx.Client) -> dict[str, str]:
    page = client.get("/").text
    return {"form": page.split('name="form" value="')[1].split('"')[0]}


def test_what_it_was_told_outlives_a_restart(tmp_path: Path) -> None:
    owner = {"Authorization": "Bearer t"}
    with running(tmp_path / "kept.json") as client:
        told = {"account": "A&B", "currency": "gbp", "credit_limit": "12.5", "credit_hold": "on"}
        assert client.post("/", data=form(client) | told).status_code == 303
        assert client.post("/", data=form(client) | {"behaviour": "failing"}).status_code == 303
        assert client.get("/credit?account=A%26B", headers=owner).status_code == 503
    with running(tmp_path / "kept.json") as client:
        assert "answers 503" in client.get("/").text.split("</strong>")[0]
        client.post("/", json={"behaviour": "ok"}, headers=owner)
        (said,) = client.get("/credit?account=A%26B&account=C", headers=owner).json()["accounts"]
        assert (said["account"], said["credit_limit"], said["credit_hold"]) == ("A&B", "12.50", True)
        client.post("/", data=form(client) | {"account": "A&B", "forget": "yes"})
        assert client.get("/credit?account=A%26B", headers=owner).json() == {"accounts": []}


def test_it_answers_and_obeys_only_whom_it_should(tmp_path: Path) -> None:
    with running(tmp_path / "kept.json") as client:
        assert client.get("/credit?account=NORDWIND").status_code == 401
        assert client.post("/", json={"behaviour": "down"}).status_code == 403
        assert client.post("/", data={"behaviour": "down", "form": "guessed"}).status_code == 403
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 403
        assert client.get("/other").status_code == 404
        for wrong in ({"behaviour": "kind"}, {"account": "A", "currency": "GBP", "credit_limit": "much"}):
            assert client.post("/", data=form(client) | wrong).status_code == 422
        assert client.get("/credit", headers={"Authorization": "Bearer t"}).status_code == 200


@pytest.mark.parametrize("mode", ["production", "demo"])
def test_it_does_not_run_in_production(tmp_path: Path, mode: str) -> None:
    environment = {
        **os.environ,
        "PORTAL_MODE": mode,
        "PORTAL_HOME": str(tmp_path),
        "PORTAL_DATABASE_URL": "postgresql://nowhere/none",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", "erp-sandbox"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    if mode == "demo":
        process.terminate()
        assert "The sandbox ERP answers at http://127.0.0.1:" in said
        assert process.wait(10) == 0
    else:
        assert process.wait(10) == 1
        assert "demo and test mode only" in said
    process.stdout.close()
