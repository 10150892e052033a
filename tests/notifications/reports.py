"""What mail servers send back, as they write it (RFC 3464)."""

from email import policy
from email.message import EmailMessage


def report(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 5.1.1 user unknown",
    recipient: str = "petra@nordwind.example",
) -> bytes:
    """A delivery status notification, with the beginning of the mail that it is about."""
    fields = (
        "Reporting-MTA: dns; mx.nordwind.example\r\n"
        "\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\n"
        f"Action: {action}\r\n"
        f"Status: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n"
    )
    head = "\r\n".join(
        (
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
            "From: Mail Delivery System <MAILER-DAEMON@mx.nordwind.example>",
            f"To: {to}",
            "Subject: Undelivered Mail Returned to Sender",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
        )
    )
    parts = (
        "--b1\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n",
        f"--b1\r\nContent-Type: message/delivery-status\r\n\r\n{fields}",
        "--b1\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: 12 lines have a new date\r\n",
        "--b1--\r\n",
    )
    return f"{head}\r\n\r\n".encode() + "\r\n".join(parts).encode()


def absence_note(to: str) -> bytes:
    """It goes to where a mail was sent from, as reports do."""
    made = EmailMessage(policy=policy.SMTP)
    made["From"] = "Petra Vogt <petra@nordwind.example>"
    made["To"] = to
    made["Subject"] = "I am away"
    made["Auto-Submitted"] = "auto-replied"
    made.set_content("I am back on Monday. In urgent cases ring 550 1234.")
    return bytes(made)
