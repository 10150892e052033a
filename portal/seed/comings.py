"""Who was here before: sign-ins that have ended, so that one sees from where and with what people come."""

from portal.db import logins
from portal.db.logins import Device, Why
from portal.db.work import Work
from portal.seed.telling import Days

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 "
    "Safari/537.36 Edg/141.0.0.0"
)
MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Safari/605.1.15"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
# Of the addresses that are kept for examples (RFC 5737).
OFFICE, HULL, ROAD, HOUSE = "192.0.2.10", "192.0.2.77", "203.0.113.24", "198.51.100.5"

# Who, from where and with what, on which working day, from when until when, and how that ended.
COMINGS: tuple[tuple[str, Device, int, str, str, Why], ...] = (
    ("petra.vogt@nordwind.example", Device(OFFICE, WINDOWS), -6, "08:12", "16:40", "signed_out"),
    ("petra.vogt@nordwind.example", Device(ROAD, IPHONE), -3, "18:05", "18:20", "expired"),
    ("petra.vogt@nordwind.example", Device(OFFICE, WINDOWS), -1, "08:07", "16:31", "signed_out"),
    ("klaus.brandt@nordwind.example", Device(OFFICE, MAC), -2, "09:40", "11:05", "expired"),
    ("ines.albers@nordwind.example", Device(ROAD, IPHONE), -5, "07:50", "07:58", "revoked"),
    ("ines.albers@nordwind.example", Device(OFFICE, WINDOWS), -1, "10:15", "15:20", "signed_out"),
    ("tomasz.reid@nordwind.example", Device(OFFICE, WINDOWS), -9, "13:30", "14:45", "expired"),
    ("leah.stone@nordwind.example", Device(HULL, WINDOWS), -1, "07:02", "15:10", "signed_out"),
    ("sam.okafor@meridian.example", Device("198.51.100.91", MAC), -4, "11:20", "12:00", "expired"),
    ("jo.whitfield@harrowpike.example", Device(HOUSE, WINDOWS), -1, "08:30", "17:15", "signed_out"),
    ("noor.haddad@harrowpike.example", Device(HOUSE, MAC), -1, "08:45", "16:50", "signed_out"),
    ("dev.patel@harrowpike.example", Device(HOUSE, WINDOWS), -1, "06:55", "15:05", "signed_out"),
    ("amara.cole@harrowpike.example", Device(HOUSE, WINDOWS), -1, "09:00", "17:30", "signed_out"),
    ("ruth.lindqvist@harrowpike.example", Device(HOUSE, MAC), -2, "10:10", "10:40", "signed_out"),
)


async def tell(work: Work, days: Days) -> None:
    for number, (email, device, day, begun, ended, why) in enumerate(COMINGS):
        key, last = f"seed:{number}", days.at(day, ended)
        person_id = await work.conn.fetchval("select id from person where email = $1", email)
        await logins.insert(
            work.conn,
            key=key,
            person_id=person_id,
            at=days.at(day, begun),
            factors=("password",),
            device=device,
        )
        await work.conn.execute("update login set seen_at = $2 where key = $1", key, last)
        await logins.end(work.conn, key, last, why)
