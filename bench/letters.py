"""Letters set as PDF: as many a second as two processes render, each a page of its own with its items."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from multiprocessing import get_context
from time import perf_counter, process_time

from credit_app.domain.dunning_text import ITEMS_PLACE
from credit_app.models import Customer
from credit_app.models.dunning import DunningItem, DunningLetter
from credit_app.reports.dunning import letter_document, made_at
from credit_app.reports.pdf import typeset

DAY = date(2026, 3, 10)
PROCESSES = 2
A_TIME = 25


def letter(number: int) -> DunningLetter:
    """A letter with three to eight items and sums of its own; every other one is in Chinese."""
    chinese = number % 2 == 1
    items = [item(number, place) for place in range(3 + number % 6)]
    claimed = sum((one.claimed for one in items), Decimal(0))
    interest = sum((one.interest for one in items), Decimal(0))
    words = (
        f"尊敬的客户{number}：\n\n以下款项已逾期，请立即付款。\n\n{ITEMS_PLACE}\n\n请于十日内付清。"
        if chinese
        else f"Dear customer {number},\n\nthese amounts are past due.\n\n{ITEMS_PLACE}\n\nPlease pay in ten days."
    )
    made = DunningLetter(
        number=f"DUN-2026-{number:05d}", level="letter_2", language="zh_Hans_CN" if chinese else "en",
        channel="letter", status="to_print", letter_on=DAY, pay_by=DAY + timedelta(days=10),
        address=f"Customer {number} Ltd\nHarbour Road {number}\nHamburg\nDE", contact_name=f"Person {number}",
        subject=f"催款函 DUN-{number}" if chinese else f"Second reminder DUN-{number}", body=words,
        sender=["Nordlicht GmbH", "Am Kai 1", "20457 Hamburg"], accounts=[["EUR", "DE02 1203 0000 0000 2020 51"]],
        totals=[
            {
                "currency": "EUR", "claimed": str(claimed), "interest": str(interest), "fee": "0", "credit": "0",
                "to_pay": str(claimed + interest),
            }
        ],
    )  # fmt: skip
    made.customer = Customer(name=f"Customer {number} Ltd", number=f"C-{number:06d}", country="DE")
    made.__dict__["items"] = items
    return made


def item(number: int, place: int) -> DunningItem:
    """One of its items."""
    open_amount = Decimal(100 + (number * 37 + place * 11) % 90_000)
    return DunningItem(
        item_id=place, level="letter_2", demands=True, number=f"R-{number:06d}-{place}",
        document_date=DAY - timedelta(days=70 + place), due_date=DAY - timedelta(days=40 + place),
        days_overdue=40 + place, currency="EUR", open_amount=open_amount, disputed=Decimal(0), promised=Decimal(0),
        claimed=open_amount, interest=Decimal("1.25") * (place + 1), fee=Decimal(0),
    )  # fmt: skip


def rendered(numbers: range) -> int:
    """Bytes of these letters as PDF."""
    return sum(
        len(typeset("letter.typ", asdict(letter_document(one, "Nordlicht GmbH")), made_at(one)))
        for one in map(letter, numbers)
    )


def batches(letters: int) -> Iterator[range]:
    """The numbers in pieces for the processes."""
    return (range(first, min(first + A_TIME, letters)) for first in range(0, letters, A_TIME))


def rendering(letters: int) -> dict[str, float]:
    """Letters a second with two processes and with one; of a letter its kilobytes and milliseconds of CPU.

    Starting the processes is not counted.
    """
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(rendered, [range(1)] * PROCESSES * 2))  # loads the fonts
        begin = perf_counter()
        written = sum(pool.map(rendered, batches(letters)))
        two = letters / (perf_counter() - begin)
    few = max(letters // 10, A_TIME)
    rendered(range(1))
    begin, used = perf_counter(), process_time()
    rendered(range(few))
    one, cpu = few / (perf_counter() - begin), (process_time() - used) * 1000 / few
    return {"two": two, "one": one, "cpu": cpu, "kilobytes": written / letters / 1000}
