"""`make bench`: every figure of speed and memory, as ratios to the bare library in one interleaved run."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import cash as statements
from bench import collection as cases
from bench import commits, http, memory, scale, votes
from bench import contracts as agreements
from bench import imports as large_files
from bench import ledger as books
from bench import letters as printing
from bench import orders as ordering
from bench import pages as large
from bench import worklist as worklists
from bench.place import prepare, server
from bench.report import Figure, table

# Prints the resident MiB of a process that has loaded the whole application and answered a page.
WEB_PROCESS = """
import os, psutil
from credit_app import create_app
from credit_app.config import Config
app = create_app(Config.from_env())
app.test_client().get("/healthz")
print(psutil.Process(os.getpid()).memory_info().rss / 2**20)
"""


def states(quick: bool) -> list[Figure]:
    """Load, complete, save."""
    found = memory.load_complete_save(25 if quick else 150)
    ratio = found["stock"] / found["ours"]
    detail = f"{ratio:.1f}x ({found['ours']:.2f} ms, stock {found['stock']:.2f} ms, bare step {found['bare']:.2f} ms)"
    sizes = f"{found['our_bytes'] / 1000:.1f} KB (stock {found['stock_bytes'] / 1000:.0f} KB)"
    return [
        Figure("Load, complete, save against stock", ">= 6x faster", detail, ratio >= 6),
        Figure("State of a running instance", "", sizes, None),
    ]


def requests(url: str, quick: bool) -> list[Figure]:
    """Over HTTP and in the process."""
    web = http.over_http(url, 20 if quick else 120)
    inside = commits.completing(url, 20 if quick else 120)
    counted = commits.statements(url)
    figures = []
    for name, words in (("plain", "no credit row"), ("row", "one credit row")):
        ratio = web[name] / web["bare"]
        detail = f"{ratio:.1f}x ({web[name]:.2f} ms, bare {web['bare']:.2f} ms)"
        figures.append(
            Figure(f"Completing over HTTP, {words}", "<= 7x bare step", detail, ratio <= 7, "about 100x")
        )
    # Over HTTP the person is looked up as well.
    plain, row = (max(counted[name]) + 1 for name in ("plain", "row"))
    figures.append(
        Figure(
            "Statements of a completion, no credit row",
            "<= 6",
            f"{plain} at most {counted['plain']}",
            plain <= 6,
            "115",
        )
    )
    figures.append(
        Figure(
            "Statements of a completion, one credit row", "<= 8", f"{row} at most {counted['row']}", row <= 8
        )
    )
    figures.append(
        Figure("Commits of a completion", "1", f"{counted['commits']:.0f}", counted["commits"] == 1, "5")
    )
    inner = inside["plain"] / inside["bare"]
    figures.append(
        Figure("Completing in the process, committed", "", f"{inner:.1f}x ({inside['plain']:.2f} ms)", None)
    )
    ratio = inside["start"] / inside["bare_start"]
    detail = f"{ratio:.1f}x ({inside['start']:.2f} ms, bare {inside['bare_start']:.2f} ms)"
    figures.append(Figure("Starting an instance, committed", "<= 3x bare creation", detail, ratio <= 3))
    figures.append(Figure("Bench web process, resident", "", f"{web['mib']:.0f} MiB", None))
    return figures


def sizes(url: str, quick: bool) -> list[Figure]:
    """What a finished instance leaves."""
    found = commits.storage(url, 100 if quick else 300)
    kilobytes = found["bytes"] / 1000
    return [
        Figure(
            "A finished instance with its history",
            "<= 12 KB",
            f"{kilobytes:.1f} KB",
            kilobytes <= 12,
            "68 KB",
        ),
        Figure("Rows of a finished instance", "<= 35", f"{found['rows']:.0f}", found["rows"] <= 35, "93"),
    ]


def rates(url: str, quick: bool) -> list[Figure]:
    """Whole instances a second."""
    found = commits.throughput(url, 4.5 if quick else 18)
    one, two = found["one"] / found["bare"], found["two"] / found["one"]
    return [
        Figure(
            "Whole instances, one process", ">= 45 % of bare",
            f"{one:.0%} ({found['one']:.0f}/s, bare {found['bare']:.0f}/s)", one >= 0.45,
        ),
        Figure("Whole instances, two processes", ">= 1.6x one", f"{two:.2f}x ({found['two']:.0f}/s)", two >= 1.6),
    ]  # fmt: skip


def growth(url: str, quick: bool) -> list[Figure]:
    """What must not grow."""
    fired = scale.timers(url, 400 if quick else 2_000)
    pages = scale.inbox_pages(url, 1_000, 100_000, 60 if quick else 400)
    looks = scale.idle(url, 100_000, 60 if quick else 300)
    checked = scale.verification(url, 40_000 if quick else 200_000)
    once = fired["twice"] == 0 and fired["left"] == 0
    page, look = pages["many"] / pages["few"], looks["many"] / looks["none"]
    return [
        Figure(
            "Timers, two workers", ">= 600/s, none twice", f"{fired['rate']:.0f}/s, {fired['twice']:.0f} twice",
            fired["rate"] >= 600 and once,
        ),
        Figure(
            "Inbox page, p95, 100,000 open tasks", "<= 1.5x of 1,000",
            f"{page:.2f}x ({pages['many']:.2f} ms, {pages['few']:.2f} ms)", page <= 1.5,
        ),
        Figure(
            "Worker's look with 100,000 timers waiting", "as with none",
            f"{look:.2f}x ({looks['many']:.2f} ms, {looks['none']:.2f} ms)", look <= 1.25,
        ),
        Figure("Checking the history's chain", ">= 100,000 rows/s", f"{checked:,.0f} rows/s", checked >= 100_000),
    ]  # fmt: skip


def committee(url: str, quick: bool) -> list[Figure]:
    """One vote, however many others there are."""
    found = votes.voting(url, 2 if quick else 6)
    ratio = found["100"] / found["10"]
    detail = f"{ratio:.2f}x ({found['100']:.2f} ms, {found['10']:.2f} ms)"
    return [Figure("One vote in a committee of 100", "<= 3x of 10", detail, ratio <= 3)]


def resident(url: str, quick: bool) -> list[Figure]:
    """The whole application in one process."""
    folder = tempfile.mkdtemp(prefix="credit-bench-var-")
    env = {**os.environ, "DATABASE_URL": url, "DATABASE_APP_URL": url, "CREDIT_VAR": str(Path(folder))}
    root = Path(__file__).parent.parent
    ran = subprocess.run(
        [sys.executable, "-c", WEB_PROCESS], env=env, cwd=root, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["?"])[-1]
        return [Figure("Web process, resident", "<= 120 MiB", f"not measured: {last[:80]}", False)]
    mib = float(ran.stdout.split()[-1])
    return [Figure("Web process, resident", "<= 120 MiB", f"{mib:.0f} MiB", mib <= 120)]


def pages(url: str, quick: bool) -> list[Figure]:
    """The pages of a customer with many invoices."""
    figures = []
    for name, (middle, slowest) in large.large_customer(url, 40 if quick else 200).items():
        words = f"{name}, p95, {large.INVOICES:,} invoices"
        figures.append(
            Figure(words, "<= 150 ms", f"{slowest:.0f} ms (median {middle:.0f} ms)", slowest <= 150)
        )
    return figures


def worklist(url: str, quick: bool) -> list[Figure]:
    """The collector's worklist with many open cases."""
    found, rate = worklists.many_cases(url, 40 if quick else 200)
    figures = [
        Figure(
            f"{name}, p95, {worklists.CASES:,} open cases", "<= 150 ms", f"{slowest:.0f} ms (median {middle:.0f} ms)",
            slowest <= 150,
        )
        for name, (middle, slowest) in found.items()
    ]  # fmt: skip
    return [*figures, Figure("Scoring of open cases", "", f"{rate:,.0f}/s", None)]


def contracts(url: str, quick: bool) -> list[Figure]:
    """The register of contracts and its search."""
    count = agreements.CONTRACTS // (10 if quick else 1)
    return [
        Figure(
            f"{name}, p95, {count:,} contracts", "<= 150 ms", f"{slowest:.0f} ms (median {middle:.0f} ms)",
            slowest <= 150,
        )
        for name, (middle, slowest) in agreements.register(url, 30 if quick else 100, count).items()
    ]  # fmt: skip


def imports(url: str, quick: bool) -> list[Figure]:
    """A large file of invoices, with every check."""
    rows = 100_000 if quick else 1_000_000
    found = large_files.invoices(url, rows)
    grown = max(found["first_mib"], found["again_mib"])
    compared = f"{found['first'] / found['bare']:.0%} of a bare COPY, {found['bare']:,.0f}/s"
    return [
        Figure(
            f"Import of {rows:,} invoices", ">= 20,000 rows/s", f"{found['first']:,.0f} rows/s ({compared})",
            found["first"] >= 20_000,
        ),
        Figure("The same file again", "", f"{found['again']:,.0f} rows/s", None),
        Figure("Memory that an import takes", "<= 50 MiB", f"{grown:.0f} MiB", grown <= 50),
    ]  # fmt: skip


def ledger(url: str, quick: bool) -> list[Figure]:
    """The ageing of a ledger with a million open items."""
    items, customers = (200_000, 20_000) if quick else (1_000_000, 100_000)
    found = books.ageing_against_bare(url, items, customers, 3 if quick else 5)
    figures = []
    for words, ours, bare, bound in (
        ("by customer", "ours", "bare", 2),
        ("by customer, every row made", "rows", "bare", None),  # an export; pages look at a hundred
        ("in total", "total", "bare_total", 2),
    ):
        ratio = found[ours] / found[bare]
        detail = f"{ratio:.2f}x ({found[ours]:.0f} ms, bare {found[bare]:.0f} ms)"
        wanted, met = (f"<= {bound}x bare SQL", ratio <= bound) if bound else ("", None)
        figures.append(Figure(f"Ageing of {items:,} open items {words}", wanted, detail, met))
    return figures


def collection(url: str, quick: bool) -> list[Figure]:
    """The daily run over a million open invoices, and the cases that it moves."""
    items, customers = (200_000, 20_000) if quick else (1_000_000, 100_000)
    found = cases.daily_run(url, items, customers, 600 if quick else 6_000, 3 if quick else 5)
    ratio = found["find"] / found["bare"]
    return [
        Figure(
            f"Whose stage changes, {items:,} invoices", "<= 5x bare SQL",
            f"{ratio:.2f}x ({found['find']:.0f} ms, bare {found['bare']:.0f} ms, {found['found']:,} found)", ratio <= 5,
        ),
        *(
            Figure(
                f"Cases {done}, two workers", ">= 150/s",
                f"{found[rate]:.0f}/s of {found[done]:,} ({found[f'{rate}_cpu']:.1f} ms of CPU each)",
                found[rate] >= 150,
            )
            for done, rate in (("opened", "opening"), ("moved", "moving"))
        ),
        Figure("Memory that moving takes", "<= 50 MiB", f"{found['mib']:.0f} MiB", found["mib"] <= 50),
        Figure("Amounts of the cases brought up to date", "", f"{found['refresh']:.0f} ms", None),
    ]  # fmt: skip


def cash(url: str, quick: bool) -> list[Figure]:
    """A bank statement read and matched."""
    entries = 10_000 if quick else 100_000
    found = statements.matching(url, entries)
    words = f"{entries:,} entries of a bank statement"
    detail = f"{found['matched']:,.0f}/s, {found['booked']:.0%} booked"
    return [
        Figure(f"{words}, matched", ">= 1,000/s", detail, found["matched"] >= 1_000),
        Figure(f"{words}, read", "", f"{found['read']:,.0f}/s, {found['mib']:.0f} MiB more", None),
    ]


def orders(url: str, quick: bool) -> list[Figure]:
    """The order check over HTTP, with many customers."""
    customers, items = (20_000, 200_000) if quick else (100_000, 1_000_000)
    found = ordering.over_http(url, customers, items, 10 if quick else 30)
    words = f"{ordering.RATE} requests a second, two processes, {customers:,} customers, p95"
    asked = f"{found['asked_p95']:.1f} ms (median {found['asked']:.1f} ms)"
    entered = f"{found['entered_p95']:.1f} ms (median {found['entered']:.1f} ms)"
    return [
        Figure(f"Order check, {words}", "<= 30 ms", asked, found["asked_p95"] <= 30),
        Figure("Order entered, one in five of them, p95", "<= 30 ms", entered, found["entered_p95"] <= 30),
        Figure("Requests reached, processor of one", "", f"{found['rate']:.0f}/s, {found['cpu']:.1f} ms", None),
    ]  # fmt: skip


def letters(_url: str, quick: bool) -> list[Figure]:
    """Letters to debtors set as PDF."""
    count = 300 if quick else 10_000
    found = printing.rendering(count)
    each = f"{found['cpu']:.0f} ms of CPU and {found['kilobytes']:.0f} KB each"
    detail = f"{found['two']:.0f}/s (one {found['one']:.0f}/s, {each})"
    return [Figure(f"{count:,} letters set as PDF, two processes", ">= 50/s", detail, found["two"] >= 50)]


def main() -> int:
    """Measure and print; the exit code is 1 when a bound is missed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute instead of several")
    parser.add_argument(
        "--only",
        help="one part: states, requests, sizes, rates, growth, committee, resident, pages, ledger, cash, letters, "
        "orders, worklist, contracts, imports, collection",
    )
    given = parser.parse_args()
    parts: list[Callable[[str, bool], list[Figure]]] = [
        requests,
        sizes,
        rates,
        growth,
        committee,
        resident,
        pages,
        ledger,
        cash,
        letters,
        orders,
        worklist,
        contracts,
        imports,
        collection,
    ]
    wanted = [part for part in parts if given.only in (None, part.__name__)]
    figures: list[Figure] = []
    begin, before = time.monotonic(), os.getloadavg()[0]
    if given.only in (None, "states"):
        figures += states(given.quick)
    if wanted:
        with server() as url:
            prepare(url)
            for part in wanted:
                print(f"{part.__name__} …", file=sys.stderr, flush=True)
                figures += part(url, given.quick)
    print(table(figures))
    print(f"\n{time.monotonic() - begin:.0f} s; + met, ! missed. Ratios are medians of one interleaved run.")
    cores, after = os.cpu_count() or 1, os.getloadavg()[0]
    print(f"Load of the machine before {before:.1f}, at the end {after:.1f}, on {cores} cores.")
    if before > cores / 4:
        print(
            "It was busy with other work: figures with commits and with two processes are worse than they are."
        )
    return int(any(figure.met is False for figure in figures))
