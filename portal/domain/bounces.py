"""Mail that came back: which mail it was, and whether its address is wrong for good.

What a receiver's server says while it is handed over, and reports that come later (RFC 3464), speak the same codes
(RFC 3463). Answers of machines to mail, such as absence notes, are no reports.
"""

import email
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Final

HARD: Final = "hard"
SOFT: Final = "soft"
KINDS: Final = (HARD, SOFT)
# So many soft ones in a week say that it is for good.
SOFT_COUNT: Final = 3
SOFT_DAYS: Final = 7

LONGEST_DETAIL = 300
# What a report says comes first; behind it is the mail itself, of any length.
LARGEST = 200_000
# Within each other or side by side. Whoever writes to the address of a mail says what is read here, and reading takes
# as long as there are lines, times parts that are open.
MOST_PARTS = 20
PARTS = re.compile(rb"\b(?:multipart|message)/", re.IGNORECASE)
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
REPLY = re.compile(r"\b(5\d\d)\b")
# What is wrong is not the address: a full mailbox, a route, a protocol, what the mail says, a policy.
PASSING_SUBJECTS = frozenset({3, 4, 5, 6, 7})
PASSING_DETAILS = frozenset({(2, 2), (2, 3), (1, 7), (1, 8), (0, 0)})
# Of replies without such a code those that speak of the address.
ABOUT_THE_ADDRESS = frozenset({"521", "550", "551", "553", "556"})
REPORTERS = frozenset({"mailer-daemon", "postmaster"})
# Where the address that a mail was sent from stands in what comes back to it.
RETURNED_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "Original-Recipient")


@dataclass(frozen=True, slots=True)
class Report:
    """A mail that came back. `detail` is what its receiver's server said."""

    mail: int
    kind: str
    detail: str


def kind_of(said: str) -> str:
    """Whether an answer of a mail server (`550 5.1.1 unknown user`) means the address itself, now and for ever."""
    if found := STATUS.search(said):
        hundred, subject, detail = (int(part) for part in found.groups())
        if hundred != 5 or subject in PASSING_SUBJECTS:
            return SOFT
        if (subject, detail) not in PASSING_DETAILS:
            return HARD
        if (subject, detail) != (0, 0):
            return SOFT
    reply = REPLY.search(said)
    return HARD if reply and reply[1] in ABOUT_THE_ADDRESS else SOFT


def read(raw: bytes, mail_of: Callable[[str], int | None]) -> Report | None:
    """What a message that came back reports; None for one that reports nothing about a mail of ours.

    `mail_of` finds the mail to whose own address a text speaks.
    """
    raw = raw[:LARGEST]
    if len(PARTS.findall(raw)) > MOST_PARTS:
        return None
    # The older reader of headers: the newer one stumbles over what strangers write.
    message = email.message_from_bytes(raw)
    mail = mail_of(" ".join(_addresses(message)))
    if mail is None:
        return None
    blocks = list(_recipients(message))
    if blocks:
        return _reported(mail, blocks)
    return _plain(mail, message)


def _addresses(message: Message) -> Iterator[str]:
    for name in RETURNED_TO:
        for value in message.get_all(name, []):
            yield str(value)


def _recipients(message: Message) -> Iterator[Message]:
    """The blocks of a delivery report that speak of a recipient."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            payload = part.get_payload()
            yield from (block for block in payload if isinstance(block, Message) and block.get("Action"))


def _reported(mail: int, blocks: list[Message]) -> Report | None:
    """Only what has failed came back: a delayed mail may still arrive, a relayed one did."""
    for block in blocks:
        if str(block.get("Action", "")).strip().lower() == "failed":
            status = str(block.get("Status", "")).strip()
            said = str(block.get("Diagnostic-Code", "")).partition(";")[2].strip()
            return Report(
                mail, kind_of(status or said), _one_line(f"{status} {said}" if status not in said else said)
            )
    return None


def _plain(mail: int, message: Message) -> Report | None:
    """A report in words only: believed where it comes from a mail server and names a code."""
    sender = str(message.get("From", "")).rpartition("<")[2].partition("@")[0].strip().lower()
    if sender not in REPORTERS or str(message.get("Auto-Submitted", "")).lower().startswith("auto-replied"):
        return None
    said = "\n".join(_texts(message))
    found = STATUS.search(said) or REPLY.search(said)
    if found is None or found[0].startswith("2"):
        return None
    line = next(line for line in said.splitlines() if found[0] in line)
    return Report(mail, kind_of(line), _one_line(line))


def _texts(message: Message) -> Iterator[str]:
    for part in message.walk():
        if part.get_content_maintype() == "text" and isinstance(
            payload := part.get_payload(decode=True), bytes
        ):
            yield payload.decode("utf-8", "replace")


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[
        :LONGEST_DETAIL
    ]
