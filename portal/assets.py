"""What the browser loads: built from `static/` and `node_modules`, served under names that change with the content.

`build()` copies what is not ours from `node_modules` into `static/vendor/`, then writes each file of `static/css`,
`static/js`, `static/images` and `static/vendor` into `static/build/` under a name with twelve digits of its hash, with
`.br` and `.gz` beside it where that helps. References between files (`url(...)` and `@import` in style sheets, `import`
in scripts) are relative paths as they stand in `static/`; they are rewritten to the hashed names.
`static/build/manifest.json` maps the path below `static/` to the path below `static/build/`:

    {"css/portal.css": "css/portal.0f3a9c21d7be.css", "vendor/htmx.js": "vendor/htmx.5d1c07aa92e4.js", ...}

Pages write `{{ asset("css/portal.css") }}`, which is `Assets.url`: `/static/css/portal.0f3a9c21d7be.css`.
"""

import gzip
import hashlib
import json
import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import brotli

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "static"
NODE_MODULES = ROOT / "node_modules"
BUILD = STATIC / "build"
MANIFEST = "manifest.json"
OURS = ("css", "js", "images", "vendor")

VENDOR = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.js": "htmx.org/dist/ext/hx-sse.min.js",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
    # For the page that describes the API.
    "swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    # For the PDFs, which need whole static fonts; browsers do not get them.
    "inter-400.ttf": "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
    "inter-500.ttf": "@expo-google-fonts/inter/500Medium/Inter_500Medium.ttf",
    "inter-600.ttf": "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
}

CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}
COMPRESSIBLE = frozenset({".css", ".js", ".svg", ".json", ".webmanifest"})

# Relative paths only: neither addresses, nor data:, nor fragments of the page itself.
REFERENCES = {
    ".css": re.compile(
        r"""(?P<before>url\(\s*["']?|@import\s+["'])(?P<path>[\w.@-][\w./@-]*)(?P<after>["')#?\s])"""
    ),
    ".js": re.compile(
        r"""(?P<before>\b(?:from|import)\s*\(?\s*["'])(?P<path>\.{1,2}/[\w./@-]+)(?P<after>["'])"""
    ),
}


class NotBuilt(Exception):
    """Something that pages need is not there; the text says what to run."""


@dataclass(frozen=True, slots=True)
class Built:
    """One file as it is served, plain and compressed (None where that does not help)."""

    content_type: str
    plain: bytes
    brotli: bytes | None
    gzip: bytes | None


class Assets:
    """The built files, read once."""

    def __init__(self, directory: Path = BUILD) -> None:
        self.directory = directory

    @cached_property
    def manifest(self) -> dict[str, str]:
        try:
            return dict(json.loads((self.directory / MANIFEST).read_bytes()))
        except FileNotFoundError:
            raise NotBuilt("The static files are not built: run `make assets`.") from None

    def url(self, name: str) -> str:
        """Where `static/<name>` is served; a name that does not exist is a mistake in the template."""
        return f"/static/{self.manifest[name]}"

    @cached_property
    def files(self) -> dict[str, Built]:
        """Every built file by its path below `/static/`; all of them are a few hundred kilobytes."""
        return {name: self._read(name) for name in self.manifest.values()}

    def _read(self, name: str) -> Built:
        path = self.directory / name
        return Built(
            content_type=CONTENT_TYPES[path.suffix],
            plain=path.read_bytes(),
            brotli=_read_if_there(path.with_name(f"{path.name}.br")),
            gzip=_read_if_there(path.with_name(f"{path.name}.gz")),
        )


def build(static: Path = STATIC, node_modules: Path = NODE_MODULES) -> dict[str, str]:
    """Bring `static/build` up to date and return the manifest. What is built already is not written again."""
    _copy_vendor(static / "vendor", node_modules)
    builder = _Builder(static)
    manifest = builder.all()
    target = static / "build"
    target.mkdir(parents=True, exist_ok=True)
    _replace(target / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode())
    _remove_stale(target, manifest)
    return manifest


class _Builder:
    """Builds files depth first, because a name depends on the content and that on the names it refers to."""

    def __init__(self, static: Path) -> None:
        self.static = static
        self.names: dict[str, str] = {}
        self.open: list[str] = []

    def all(self) -> dict[str, str]:
        for folder in OURS:
            for path in sorted((self.static / folder).rglob("*")):
                if path.is_file() and path.suffix in CONTENT_TYPES:
                    self.name_of(path.relative_to(self.static).as_posix())
        return self.names

    def name_of(self, source: str) -> str:
        if source not in self.names:
            if source in self.open:
                raise NotBuilt(
                    f"Static files refer to each other in a circle: {' → '.join([*self.open, source])}."
                )
            self.open.append(source)
            self.names[source] = self._write(source)
            self.open.pop()
        return self.names[source]

    def _write(self, source: str) -> str:
        path = self.static / source
        content = path.read_bytes()
        if pattern := REFERENCES.get(path.suffix):
            content = pattern.sub(lambda match: self._refer(match, source), content.decode()).encode()
        digest = hashlib.sha256(content).hexdigest()[:12]
        name = f"{source.removesuffix(path.suffix)}.{digest}{path.suffix}"
        _write_compressed(self.static / "build" / name, content)
        return name

    def _refer(self, match: re.Match[str], source: str) -> str:
        folder = posixpath.dirname(source)
        referred = posixpath.normpath(posixpath.join(folder, match["path"]))
        if not (self.static / referred).is_file():
            raise NotBuilt(f"static/{source} refers to {match['path']!r}, which does not exist.")
        renamed = posixpath.relpath(self.name_of(referred), folder)
        return f"{match['before']}{renamed if renamed.startswith('.') else './' + renamed}{match['after']}"


def _copy_vendor(vendor: Path, node_modules: Path) -> None:
    vendor.mkdir(parents=True, exist_ok=True)
    for name, source in VENDOR.items():
        origin, target = node_modules / source, vendor / name
        if not origin.exists():
            if target.exists():
                continue
            raise NotBuilt(f"{origin} is missing: run `make assets`, which installs what package.json names.")
        content = origin.read_bytes()
        if origin.suffix == ".js":
            # The map is not served: without this the browser's tools would ask for it in vain.
            content = re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", content)
        if not target.exists() or target.read_bytes() != content:
            _replace(target, content)


def _write_compressed(path: Path, content: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix in COMPRESSIBLE:
        _replace(path.with_name(f"{path.name}.br"), brotli.compress(content, quality=11))
        _replace(path.with_name(f"{path.name}.gz"), gzip.compress(content, 9, mtime=0))
    _replace(path, content)


def _remove_stale(target: Path, manifest: dict[str, str]) -> None:
    kept = {MANIFEST} | {f"{name}{ending}" for name in manifest.values() for ending in ("", ".br", ".gz")}
    for path in target.rglob("*"):
        if path.is_file() and path.relative_to(target).as_posix() not in kept:
            path.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    """Write so that a reader sees the old file or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)


def _read_if_there(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
