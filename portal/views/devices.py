"""A device in words."""

from portal.domain import devices
from portal.filters import Tongue


def device_words(agent: str, tongue: Tongue) -> str:
    """`Chrome on Windows`, or as much of it as is known."""
    _ = tongue.gettext
    browser, system = devices.browser(agent), devices.system(agent)
    if browser and system:
        return _("{browser} on {system}").format(browser=browser, system=system)
    return browser or system or _("A browser that does not say what it is")
