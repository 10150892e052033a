"""What silence tells in an order's timeline: since when nothing was new, and when the next news is expected."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from portal.domain.silence import STILL_WAITING, promise, sentence
from portal.views.order.scene import Scene

Told = tuple[str, str, Markup, str]


def still_waiting(scene: Scene, data: Mapping[str, Any]) -> Told:
    """`3 lines still wait, and there was nothing new since 16 Nov.`"""
    return "queued", "queue", escape(sentence(data, scene.words)), promise(data, scene.words)


TELL = {STILL_WAITING: still_waiting}
