"""What a browser says of itself, in words."""

import pytest

from portal.domain.devices import browser, is_pocket, system

HEAD = "Mozilla/5.0"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (f"{HEAD} (Windows NT 10.0; Win64; x64) {BLINK} Chrome/141.0.0.0 Safari/537.36", "Chrome Windows"),
        (f"{HEAD} (Windows NT 10.0) {BLINK} Chrome/141.0.0.0 Safari/537.36 Edg/141.0", "Edge Windows"),
        (f"{HEAD} (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox Linux"),
        (f"{HEAD} (Macintosh; Intel Mac OS X 10_15_7) {BLINK} Version/18.5 Safari/605.1.15", "Safari macOS"),
        (f"{HEAD} (iPhone; CPU iPhone OS 18_5 like Mac OS X) {BLINK} CriOS/141.0 Safari/604.1", "Chrome iPhone"),
        (f"{HEAD} (Linux; Android 15; SM-S921B) {BLINK} SamsungBrowser/28.0 Chrome/130.0", "Samsung Internet Android"),
        (f"{HEAD} (X11; CrOS x86_64 14541.0.0) {BLINK} Chrome/141.0.0.0 Safari/537.36", "Chrome ChromeOS"),
        ("curl/8.5.0", "curl "),
        ("", " "),
        ("a made-up <script>", " "),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_people_name_it(agent: str, said: str) -> None:
    assert f"{browser(agent)} {system(agent)}" == said


def test_what_is_carried_around_is_a_phone() -> None:
    assert is_pocket("Mozilla/5.0 (Linux; Android 15)")
    assert not is_pocket("Mozilla/5.0 (X11; Linux x86_64)")
