"""Invoices on paper: every figure can be worked out again, nothing runs out of the page, each language says all."""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

import cssselect2
import msgspec
import pypdfium2
import pytest
from lxml import html as markup

from portal.adapters.pdf import FONTS
from portal.adapters.pdf_child import Press
from portal.domain.invoices import Before, Despatch, Document, Line
from portal.pages import Pages
from portal.views.papers.invoice_files import html_of
from tests.documents.reading import codes, fonts, pages, scanned, words
from tests.templates.invoices import GERMAN_BANK, GERMAN_BUYER, GOODS, LEEDS, SELLER, Sold, document

D = Decimal
EURO_SELLER = msgspec.structs.replace(SELLER, bank=GERMAN_BANK)
EVEN_LEFT, EVEN_RIGHT = 20, 196
LONG_WORD = "Gewindeschneidschraubenverbindungselement"

Read = Callable[[Document], markup.HtmlElement]
Print = Callable[[Document], bytes]


def euros(**changes: object) -> Document:
    return document(
        **{"count": 14, "currency": "EUR", "seller": EURO_SELLER, "buyer": GERMAN_BUYER, **changes}  # type: ignore[arg-type]
    )


def whole(count: int = 4, **changes: object) -> Document:
    return document(count, part=lambda n: (40 + n, 0, 40 + n), **changes)


def untaxed(code: str) -> Document:
    lines = [Sold(sku, name, D(price), D(0), D(60), D(20), D(40)) for sku, name, price, _ in GOODS[:5]]
    return euros(lines=lines, code=lambda _rate: code)


def consolidated() -> Document:
    shipments = [
        Despatch(
            number=f"SH-2026-00063{n}",
            shipped_on=date(2026, 11, 10 + n),
            delivered_on=date(2026, 11, 12 + n),
            carrier="Northline Parcel",
        )
        for n in range(3)
    ]
    made = document(9, terms="consolidated", period=(date(2026, 11, 9), date(2026, 11, 15)))
    lines = [
        msgspec.structs.replace(line, shipment=shipments[n // 3].number) for n, line in enumerate(made.lines)
    ]
    return msgspec.structs.replace(made, shipments=shipments, lines=lines)


def credit(**changes: object) -> Document:
    made = document(
        3,
        kind="credit_note",
        number="CN-2026-000001",
        corrects=Before(
            number="INV-2026-000004", kind="invoice", issued_on=date(2026, 11, 13), total=D("480.22")
        ),
        reason="Arrived damaged",
        due_on=None,
        to_follow=[],
        **changes,
    )
    before = made.order.billed_after
    order = msgspec.structs.replace(
        made.order, billed_before=before, billed_after=before - made.total, to_bill=D(0)
    )
    preceding = [Before(number="INV-2026-000004", kind="invoice", issued_on=date(2026, 11, 13), total=before)]
    return msgspec.structs.replace(made, order=order, preceding=preceding)


def goodwill() -> Document:
    amount = Line(
        position=1, line=0, sku="", name="Goodwill for the delay", unit="C62", quantity=D(1), ordered=D(0),
        shipped=D(0), previously_invoiced=D(0), outstanding=D(0), unit_price=D("202.04"), net=D("202.04"),
        category="standard", tax_code="S", tax_rate=D(20),
    )  # fmt: skip
    return msgspec.structs.replace(
        credit(),
        lines=[amount],
        lines_net=D("202.04"),
        allowances=[],
        charges=[],
        reason="Goodwill for the delay",
    )


def strange() -> Document:
    """Long words, large figures, names that run the other way, and somebody who tries to end the document."""
    lines = [
        Sold("W" * 48, LONG_WORD * 3, D("123456.789123"), D(20), D(90000), D(20000), D(50000), "KGM"),
        Sold("שלום-123", "בורג משושה M8 × 40 (100)", D("1.00"), D(20), D(6), D(0), D(3)),
        Sold("</style><script>", "</table><b onload=x>&amp;", D("1.00"), D(20), D(6), D(0), D(3)),
    ]  # fmt: skip
    buyer = msgspec.structs.replace(
        GERMAN_BUYER, name="Donaudampfschifffahrtsgesellschaft " * 4, legal_name=None, contact="Ω" * 60
    )
    made = document(lines=lines, buyer=buyer, deliver_to=buyer)
    order = msgspec.structs.replace(
        made.order,
        purchase_order_number='"}</style><script>alert(1)</script>' + "9" * 30,
        cost_centre="K" * 60,
    )
    return msgspec.structs.replace(made, order=order)


ALL: dict[str, Callable[[], Document]] = {
    "one line": lambda: document(1),
    "the whole order": whole,
    "38 lines": lambda: document(38),
    "200 lines": lambda: document(200),
    "German": lambda: euros(language="de"),
    "both languages": lambda: euros(language="both"),
    "both, in Britain": lambda: document(5, language="both"),
    "yen": lambda: document(5, currency="JPY", discount="10", freight="25"),
    "reverse charge": lambda: untaxed("K"),
    "exempt": lambda: untaxed("E"),
    "consolidated": consolidated,
    "credit note": credit,
    "credit note in both": lambda: credit(language="both", buyer=GERMAN_BUYER),
    "goodwill": goodwill,
    "strange": strange,
    "paid before": lambda: document(5, prepaid=D("20.00")),
    "paid": lambda: whole(prepaid=whole().total),
    "nobody's bank": lambda: document(3, seller=msgspec.structs.replace(SELLER, bank=None)),
}


@pytest.fixture(scope="module")
def machine() -> Press:
    return Press(FONTS)


@pytest.fixture(scope="module")
def printed(pages: Pages, machine: Press) -> Print:
    kept: dict[bytes, bytes] = {}

    def print_(said: Document) -> bytes:
        key = msgspec.json.encode(said)
        if key not in kept:
            kept[key] = machine.print(html_of(said, pages))
        return kept[key]

    return print_


@pytest.fixture
def read(pages: Pages) -> Read:
    return lambda said: markup.document_fromstring(html_of(said, pages))


@pytest.fixture(params=ALL)
def made(request: pytest.FixtureRequest) -> Document:
    return ALL[request.param]()


def select(paper: markup.HtmlElement, selector: str) -> list[markup.HtmlElement]:
    root = cssselect2.ElementWrapper.from_html_root(paper)
    return [found.etree_element for found in root.query_all(selector)]


def said(element: markup.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def amount(text: str, locale: str = "en") -> Decimal:
    """A figure as it is written in a column, whatever currency stands beside it."""
    plain = re.sub(r"[^0-9.,−-]", "", text).replace("−", "-")
    if locale == "de":
        plain = plain.replace(".", "").replace(",", ".")
    return D(plain.replace(",", ""))


def rows(paper: markup.HtmlElement, table: str) -> list[list[str]]:
    return [[said(cell) for cell in row] for row in select(paper, f"table.{table} tbody.lines tr")]


def sums(paper: markup.HtmlElement) -> dict[str, Decimal]:
    locale = paper.get("lang", "")[:2]
    return {said(row[0]): amount(said(row[-1]), locale) for row in select(paper, "table.sums:not(.order) tr")}


def test_every_figure_of_the_paper_can_be_worked_out_from_its_rows(made: Document, read: Read) -> None:
    paper = read(made)
    locale = paper.get("lang", "")[:2]
    nets = [amount(row[-1], locale) for row in rows(paper, "bill")]
    told = list(sums(paper).values())

    assert sum(nets) == made.lines_net == told[0]
    assert nets == [line.net for line in made.lines]
    adjusted = -sum(one.amount for one in made.allowances) + sum(one.amount for one in made.charges)
    assert made.lines_net + adjusted == made.net
    assert made.total in told
    assert told[-1] == made.due


def test_the_table_of_rates_adds_up_in_every_row_and_column(read: Read) -> None:
    paper = read(document(38))
    table = [[amount(said(cell)) for cell in row[1:]] for row in select(paper, "table.rates tbody tr")]

    *rates, together = table
    assert len(rates) == 3
    for goods, discount, freight, net, _tax in table:
        assert goods + discount + freight == net
    assert [sum(column) for column in zip(*rates, strict=True)] == together


def test_the_order_is_reconciled(read: Read) -> None:
    for one in (document(5), credit(), euros(language="en")):
        paper = read(one)
        figures = [amount(said(cell)) for cell in select(paper, "table.order tbody td.n")]
        names = [said(cell) for cell in select(paper, "table.order thead th")]
        *before, this = figures[: len(one.preceding) + 1]
        so_far = figures[len(one.preceding) + 1]
        assert sum(before) + this == so_far == one.order.billed_after
        assert figures[-1] == one.order.total == so_far + sum(figures[len(one.preceding) + 2 : -1])
        assert one.preceding[0].number in names[0]


def test_many_earlier_documents_stand_together(read: Read) -> None:
    earlier = [
        Before(
            number=f"{'CN' if n % 5 == 0 else 'INV'}-2026-{n:06}",
            kind="credit_note" if n % 5 == 0 else "invoice",
            issued_on=date(2026, 10, 1) + timedelta(days=n),
            total=D("100.00"),
        )
        for n in range(1, 31)
    ]
    paper = read(document(5, preceding=earlier, nth=31))
    table = [[said(cell) for cell in row] for row in select(paper, "table.order tbody tr")]

    assert table[0] == ["23 documents, INV-2026-000001 to INV-2026-000023", "1,500.00"]
    assert table[2] == ["CN-2026-000025", "26 Oct 2026", "−100.00"]
    assert len(table) < 15


def test_the_first_page_says_who_owes_whom_how_much_for_what(printed: Print) -> None:
    first = pages_of(printed(document(38)))[0]

    for part in (
        "Harrow & Pike Industrial Supply Ltd", "VAT ID GB123456789", "Invoice INV-2026-000009",
        "Partial invoice 2 of order SO-2026-000417", "Nordwind Maschinenbau UK Ltd Petra Vogt 14 Wharf Street",
        "Your PO 4500118236", "Your VAT ID GB987654321", "Amount due £185,620.01", "by Mon 18 Jan 2027, 60 days net",
        "Invoiced before £19,702.31", "This invoice £185,620.01", "Still to invoice £165,917.71",
        "Shipped Wed 18 Nov 2026 SH-2026-000631", "Next part ships Fri 27 Nov 2026 8 lines",
        "Delivered to Goods in, gate 2, 14 Wharf Street, Leeds LS2 7EQ", "Carried forward", "Page 1 of 4",
    ):  # fmt: skip
        assert part in first


def pages_of(pdf: bytes) -> list[str]:
    return pages(pdf)


def test_what_is_carried_forward_is_brought_forward_and_is_the_sum_so_far(printed: Print) -> None:
    made = document(200)
    told = pages(printed(made))
    so_far, nets = {}, iter(made.lines)
    total = D(0)
    for line in nets:
        total += line.net
        so_far[f"{total:,}"] = line.line
    last_of_page = 0
    carried = None
    for number, page in enumerate(told, 1):
        assert f"Page {number} of {len(told)}" in page
        brought = re.search(r"Brought forward ([\d,.]+)", page)
        assert (brought[1] if brought else None) == carried
        found = re.search(r"Carried forward ([\d,.]+)", page)
        carried = found[1] if found else None
        if carried:
            assert so_far[carried] > last_of_page
            last_of_page = so_far[carried]
            assert "This invoice To follow" in page
    assert carried is None
    assert last_of_page > 190


def test_nothing_runs_out_of_the_page(made: Document, printed: Print) -> None:
    """Every letter stands between the margins, and no figure on top of its neighbour."""
    for boxes in letters(printed(made)):
        assert min(left for left, _, _, _ in boxes) > EVEN_LEFT - 0.6
        assert max(right for _, _, right, _ in boxes) < EVEN_RIGHT + 0.6
        assert min(bottom for _, bottom, _, _ in boxes) > 5


def letters(pdf: bytes) -> Iterator[Sequence[tuple[float, float, float, float]]]:
    """The boxes (left, bottom, right, top) of the text of each page, in millimetres."""
    file = pypdfium2.PdfDocument(pdf)
    try:
        for page in file:
            text = page.get_textpage()
            yield [
                tuple(side / 72 * 25.4 for side in text.get_rect(n))  # type: ignore[misc]
                for n in range(text.count_rects())
            ]
    finally:
        file.close()


def test_no_page_is_nearly_empty_but_the_last(printed: Print) -> None:
    for one in (document(38), document(200), euros(count=38, language="both")):
        for boxes in list(letters(printed(one)))[:-1]:
            body = [bottom for _, bottom, _, _ in boxes if bottom > 20]
            assert min(body) < 75, "dead space"


def test_all_fonts_are_ours(printed: Print) -> None:
    for one in (document(38), euros(language="both"), credit()):
        assert all(name.startswith("Portal-Inter") for name in fonts(printed(one)))


@pytest.mark.parametrize("name", ["the whole order", "both languages", "consolidated", "credit note"])
def test_the_style_sheet_is_understood_to_the_last_word(
    name: str, pages: Pages, caplog: pytest.LogCaptureFixture, machine: Press
) -> None:
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        machine.print(html_of(ALL[name](), pages))

    assert caplog.messages == []


def test_it_is_made_for_screen_readers(made: Document, read: Read) -> None:
    paper = read(made)

    assert paper.get("lang") in ("en-GB", "de-DE")
    assert said(paper.find(".//title")).endswith(made.number)
    assert len(select(paper, "h1")) == 1
    assert all(head.get("scope") for head in paper.iter("th"))
    assert all(said(head) for head in select(paper, "table.bill thead th"))
    for table in select(paper, "table.bill, table.order, .follow table"):
        assert said(table.find("caption"))
    assert all(said(picture.find("title")) for picture in paper.iter("svg"))
    assert all(link.get("href") for link in paper.iter("a"))


def test_a_banking_app_reads_the_transfer_in_euros(printed: Print) -> None:
    made = euros(language="de")
    [code] = scanned(printed(made), dpi=200)

    told = code.split("\n")
    assert told[:2] == ["BCD", "002"]
    assert told[3:8] == [
        "SCT", "COBADEFFXXX", "Harrow & Pike Industrial Supply Ltd", "DE89370400440532013000", f"EUR{made.due}",
    ]  # fmt: skip
    assert made.number in told


def test_there_is_no_such_code_where_there_is_no_such_standard(printed: Print) -> None:
    for one in (
        document(5), credit(), euros(prepaid=euros().total),
        euros(seller=msgspec.structs.replace(SELLER, bank=None)),
    ):  # fmt: skip
        assert codes(printed(one)) == []


def test_a_british_bank_gets_sort_code_and_account_number(printed: Print) -> None:
    told = words(printed(document(3)))

    assert "Sort code 20-15-55" in told or "Sort code 20-20-15" in told
    assert "IBAN GB33 BUKB 2020 1555 5555 55" in told
    assert "Sort code" not in words(printed(euros()))


def test_a_credit_note_asks_for_nothing(printed: Print) -> None:
    told = words(printed(credit()))

    assert "Credit note CN-2026-000001 Corrects invoice INV-2026-000004 of 13 Nov 2026" in told
    assert "Credited to you" in told
    assert "Arrived damaged" in told
    assert "Nothing is to be paid" in told
    assert "IBAN" not in told
    assert "Amount due" not in told


def test_an_amount_is_credited_without_goods(read: Read) -> None:
    paper = read(goodwill())

    assert rows(paper, "bill") == [["Goodwill for the delay", "20%", "202.04"]]
    assert paper.text_content().count("Goodwill for the delay") == 1


def test_of_a_whole_order_only_what_differs_has_a_column(read: Read) -> None:
    paper = read(whole())
    heads = [said(head) for head in select(paper, "table.bill thead th")]

    assert heads == ["Line no.", "Item", "Quantity", "Unit price GBP", "VAT rate", "Net GBP"]
    assert not select(paper, "table.order")
    assert not select(paper, ".follow")


def test_a_paid_invoice_says_so(read: Read) -> None:
    paper = read(ALL["paid"]())

    assert "Paid" in said(select(paper, ".due")[0])
    assert "This invoice is paid: nothing is due." in said(select(paper, ".pay")[0])


def test_several_shipments_stand_each_with_its_lines_and_their_sum(read: Read) -> None:
    made = consolidated()
    paper = read(made)
    groups = [[said(cell) for cell in row] for row in select(paper, "tbody.group tr")]

    assert groups[0][0] == "Shipment SH-2026-000630 shipped Tue 10 Nov 2026, delivered Thu 12 Nov 2026"
    assert sum(amount(net) for _, net in groups) == made.lines_net
    assert "9–15 Nov 2026" in paper.text_content()


def test_what_follows_is_told_by_line_with_its_dates(read: Read) -> None:
    told = [[said(cell) for cell in row] for row in select(read(document(5)), ".follow tbody tr")]

    assert told[0] == [
        "2", "SCR-M8-40 Hex screw M8 × 40, 8.8, zinc", "30 pcs",
        "Awaiting supplier", "Fri 11 Dec 2026", "Mon 14 Dec 2026",
    ]  # fmt: skip
    assert told[-1][3:] == ["Backordered", "no date yet", "–"]


def test_what_follows_of_a_long_order_is_told_by_day(read: Read) -> None:
    made = document(200)
    told = [[said(cell) for cell in row] for row in select(read(made), ".follow tbody tr")]

    assert len(told) < 10
    assert sum(int(row[0]) for row in told) == len(made.to_follow)
    assert [row[4] for row in told][-1] == "no date yet"
    assert told[0][1].startswith("4, 8, 12, 16, 24")


def test_both_languages_stand_side_by_side(read: Read) -> None:
    paper = read(euros(language="both"))

    assert paper.get("lang") == "de-DE"
    others = select(paper, "span.also")
    assert {other.get("lang") for other in others} == {"en-GB"}
    english = {said(other) for other in others}
    assert {"Item", "Ordered", "Your PO", "Quantity", "14 lines"} <= english
    assert read(document(3, language="both")).get("lang") == "en-GB"


def test_a_price_is_for_as_many_as_it_says(read: Read) -> None:
    made = document(1)
    line = msgspec.structs.replace(made.lines[0], unit_price=D("11.80"), price_per=D(100))
    [row] = rows(read(msgspec.structs.replace(made, lines=[line])), "bill")

    assert row[7] == "11.80 per 100"


def test_names_that_run_the_other_way_are_kept_apart(read: Read) -> None:
    paper = read(strange())

    assert [bdi.text for bdi in paper.iter("bdi")][:2] == ["שלום-123", "בורג משושה M8 × 40 (100)"]


def test_nobody_ends_the_document_with_a_name(read: Read, pages: Pages) -> None:
    written = html_of(strange(), pages)
    assert "<script" not in written
    assert written.count("</style>") == 1
    assert not list(read(strange()).iter("script"))


def test_the_place_is_left_out_where_the_bill_goes_there_too(read: Read) -> None:
    one = document(
        2,
        deliver_to=msgspec.structs.replace(
            LEEDS, name="Nordwind Maschinenbau UK Ltd", address=document(1).buyer.address
        ),
    )

    assert not select(read(one), ".place")
