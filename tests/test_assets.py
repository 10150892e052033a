import gzip
import json
from pathlib import Path

import brotli
import pytest

from portal.assets import VENDOR, Assets, NotBuilt, build


@pytest.fixture
def static(tmp_path: Path) -> Path:
    for source in VENDOR.values():
        path = tmp_path / "node_modules" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("/* somebody else's */")
    static = tmp_path / "static"
    write(
        static / "css/portal.css",
        '@import "tokens.css"; @font-face { src: url("../vendor/inter-latin.woff2") }',
    )
    write(
        static / "css/tokens.css",
        ":root { --ink: black; background: url(data:image/png;base64,AA==) url(#mark) }",
    )
    write(static / "js/app.js", 'import { pause } from "./live.js";\npause();')
    write(static / "js/live.js", "export const pause = () => {};")
    return static


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def built(static: Path) -> Assets:
    build(static, static.parent / "node_modules")
    return Assets(static / "build")


def test_a_name_changes_with_what_the_file_says(static: Path) -> None:
    before = built(static).url("js/live.js")
    write(static / "js/live.js", "export const pause = () => true;")

    after = built(static).url("js/live.js")

    assert before != after
    assert before.startswith("/static/js/live.")


def test_a_name_changes_with_what_a_referred_file_says(static: Path) -> None:
    before = built(static).url("css/portal.css")
    write(static / "css/tokens.css", ":root { --ink: navy }")

    assert built(static).url("css/portal.css") != before


def test_references_lead_to_the_built_names(static: Path) -> None:
    assets = built(static)
    names = assets.manifest

    style = assets.files[names["css/portal.css"]].plain.decode()
    script = assets.files[names["js/app.js"]].plain.decode()

    assert f'url("../{names["vendor/inter-latin.woff2"]}")' in style
    assert f'@import "./{Path(names["css/tokens.css"]).name}"' in style
    assert f'from "./{Path(names["js/live.js"]).name}"' in script


def test_data_and_fragments_stay_as_they_are(static: Path) -> None:
    assets = built(static)

    style = assets.files[assets.manifest["css/tokens.css"]].plain.decode()

    assert "url(data:image/png;base64,AA==) url(#mark)" in style


def test_text_is_compressed_and_fonts_are_not(static: Path) -> None:
    assets = built(static)
    style = assets.files[assets.manifest["css/portal.css"]]
    font = assets.files[assets.manifest["vendor/inter-latin.woff2"]]

    assert style.brotli is not None
    assert brotli.decompress(style.brotli) == style.plain
    assert style.gzip is not None
    assert gzip.decompress(style.gzip) == style.plain
    assert font.brotli is font.gzip is None


def test_only_what_the_manifest_names_stays(static: Path) -> None:
    old = built(static).manifest["js/live.js"]
    write(static / "js/live.js", "export const pause = 1;")
    built(static)

    left = {path.name for path in (static / "build").rglob("*") if path.is_file()}

    assert not any(name.startswith(Path(old).name) for name in left)
    assert json.loads((static / "build/manifest.json").read_text())["js/live.js"] != old


def test_a_reference_to_nothing_is_refused(static: Path) -> None:
    write(static / "css/portal.css", "body { background: url(../images/gone.png) }")

    with pytest.raises(NotBuilt, match=r"css/portal\.css refers to '\.\./images/gone\.png'"):
        built(static)


def test_a_circle_of_references_is_refused(static: Path) -> None:
    write(static / "js/live.js", 'import "./app.js";')

    with pytest.raises(NotBuilt, match="circle"):
        built(static)


def test_pages_say_what_to_run_when_nothing_is_built(tmp_path: Path) -> None:
    with pytest.raises(NotBuilt, match="make assets"):
        Assets(tmp_path).url("css/portal.css")
