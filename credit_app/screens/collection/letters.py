"""Letters: the list, what waits for release, one with its proof, and those that are printed."""

import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from credit_app.db import db
from credit_app.domain.dunning import LEVELS, STATUSES, UNSENT
from credit_app.facts import dunning_sending as sending
from credit_app.facts.dunning_proof import ON_THE_WAY, interrupted_by, otherwise, record_proof
from credit_app.forms.dunning import ExcludeForm, ProofForm
from credit_app.i18n import _, ngettext, said
from credit_app.models import Customer, the_company
from credit_app.models.dunning import DunningLetter, DunningRun
from credit_app.permissions import CREDIT, LEDGER, SALES, branches_of
from credit_app.reports.dunning import file_name, letter_document, letter_pdf, made_at
from credit_app.reports.pdf import typeset
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now, today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.letter_words import level_word
from credit_app.screens.exporting import attached
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.listing import BadParameter, Listing, Sort
from credit_app.screens.words import status_word
from workflows import InvalidAnswer, NotFound, Refused

ROLES = (*SALES, *CREDIT, *LEDGER, "auditor")
SORTS = {"number": Sort(DunningLetter.id, int)}
MOST_SHOWN = 200
MOST_PRINTED = 500  # in one file: what a browser waits for
LONGEST_ID = 18


@blueprint.get("/letters")
@allowed("letters.see")
def letters() -> ResponseReturnValue:
    """Show the letters of one's branches, the newest first, or those of a level or a status."""
    session = db.session()
    listing = Listing(SORTS, DunningLetter.id, "-number")
    level, status = listing.choice("level", LEVELS), listing.choice("status", STATUSES)
    query = mine(select(DunningLetter)).options(contains_eager(DunningLetter.customer))
    if level:
        query = query.where(DunningLetter.level == level)
    if status:
        query = query.where(DunningLetter.status == status)
    rows = listing.page(session.scalars(listing.apply(query)).all(), lambda row: (row.id, row.id))
    counts = counted("status")
    return render_template(
        "collection/letters.html",
        listing=listing,
        rows=rows,
        status_chips=chips(
            listing, "status", [(one, letter_status(one)) for one in STATUSES], status, counts
        ),
        level_chips=chips(
            listing, "level", [(one, level_word(one)) for one in LEVELS], level, counted("level")
        ),
        filtered=bool(level or status),
        counts=counts,
        run=latest_run(),
    )


@blueprint.get("/letters/review")
@allowed("letters.see")
def letters_review() -> ResponseReturnValue:
    """Show the letters that wait for release, the oldest first, with what each would claim as of its day."""
    query = mine(select(DunningLetter)).where(DunningLetter.status == "proposed")
    query = query.options(contains_eager(DunningLetter.customer), selectinload(DunningLetter.items))
    rows = db.session.scalars(query.order_by(DunningLetter.id).limit(MOST_SHOWN)).all()
    return render_template(
        "collection/letters_review.html",
        rows=rows,
        waiting=counted("status").get("proposed", 0),
        newest=db.session.scalar(
            mine(select(func.max(DunningLetter.id))).where(DunningLetter.status == "proposed")
        ),
        may_work=may(person(), "letters.work"),
        may_release=may(person(), "letters.release"),
        run=latest_run(),
    )


@blueprint.post("/letters/release")
@allowed("letters.see")
def letters_release() -> ResponseReturnValue:
    """Release every letter that stood on the page; those proposed since are left."""
    check("letters.release")
    session = db.session()
    query = mine(select(DunningLetter.id), ("credit_manager",)).where(
        DunningLetter.status == "proposed", DunningLetter.id <= last_shown()
    )
    ids = session.scalars(query.order_by(DunningLetter.id).limit(sending.MOST_AT_ONCE)).all()
    try:
        run = sending.release(session, ids, person().id, now())
    except Refused as refused:
        session.rollback()
        flash(said(refused), "error")
        return redirect(url_for("collection.letters_review"))
    count, address = run.letters, url_for("collection.letters_run", run_id=run.id)
    session.commit()
    flash(ngettext("%(num)s letter is released.", "%(num)s letters are released.", count), "success")
    return redirect(address)


@blueprint.get("/letters/runs/<int:run_id>")
@allowed("letters.see")
def letters_run(run_id: int) -> ResponseReturnValue:
    """Show how far the worker is with the letters of a run; htmx asks for the progress alone."""
    run = db.session.get(DunningRun, run_id)
    if run is None:
        raise NotFound(_("There is no such run."))
    query = mine(select(DunningLetter)).where(DunningLetter.run_id == run_id)
    query = query.options(contains_eager(DunningLetter.customer))
    name = "_letters_progress" if request.headers.get("HX-Request") else "letters_run"
    rows = db.session.scalars(query.order_by(DunningLetter.id).limit(MOST_SHOWN)).all()
    return render_template(f"collection/{name}.html", run=run, rows=rows)


@blueprint.get("/letters/print.zip")
@allowed("letters.see")
def letters_print() -> ResponseReturnValue:
    """Hand out the letters that are to be printed, the oldest first, a PDF each in one ZIP made while it is sent."""
    check("letters.work")
    query = mine(select(DunningLetter), ("collector", "credit_manager")).where(
        DunningLetter.status == "to_print"
    )
    query = query.options(contains_eager(DunningLetter.customer), selectinload(DunningLetter.items))
    rows = db.session.scalars(query.order_by(DunningLetter.id).limit(MOST_PRINTED)).all()
    if not rows:
        raise NotFound(_("No letter waits to be printed."))
    company = the_company(db.session()).name
    documents = [(file_name(row), asdict(letter_document(row, company)), made_at(row)) for row in rows]
    answer = Response(zipped(documents), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="letters-{today().isoformat()}.zip"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def zipped(documents: Sequence[tuple[str, dict[str, Any], datetime]]) -> Iterator[bytes]:
    """A ZIP of the documents, set by two threads (the typesetter is no Python), piece by piece as they are ready."""
    buffer = Pipe()
    with ThreadPoolExecutor(2) as pool, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        contents = pool.map(lambda one: typeset("letter.typ", one[1], one[2]), documents)
        for (name, _values, made), content in zip(documents, contents, strict=True):
            archive.writestr(zipfile.ZipInfo(name, made.timetuple()[:6]), content)
            yield taken(buffer)
    yield taken(buffer)


class Pipe(BytesIO):
    """A place to write that cannot go back: ZipFile has to know it, for it is read while it is written."""

    def tell(self) -> int:
        """There is no place to name."""
        raise OSError("a pipe has no places")

    def seekable(self) -> bool:
        """It is not."""
        return False


def taken(buffer: Pipe) -> bytes:
    """What was written since the last time."""
    content = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return content


@blueprint.post("/letters/posted")
@allowed("letters.see")
def letters_posted() -> ResponseReturnValue:
    """Note that the letters on the page were posted today."""
    check("letters.work")
    query = mine(select(DunningLetter), ("collector", "credit_manager")).where(
        DunningLetter.status == "to_print", DunningLetter.id <= last_shown()
    )
    rows = db.session.scalars(query.order_by(DunningLetter.id).limit(MOST_PRINTED)).all()
    posted = sending.post_printed(db.session(), rows, today(), person().id)
    db.session.commit()
    flash(
        ngettext(
            "%(num)s letter is noted as posted today.",
            "%(num)s letters are noted as posted today.",
            len(posted),
        ),
        "success",
    )
    return redirect(url_for("collection.letters", status="sent"))


@blueprint.get("/letters/printing")
@allowed("letters.see")
def letters_printing() -> ResponseReturnValue:
    """Show the letters that wait to be printed and posted."""
    query = mine(select(DunningLetter)).where(DunningLetter.status == "to_print")
    query = query.options(contains_eager(DunningLetter.customer))
    rows = db.session.scalars(query.order_by(DunningLetter.id).limit(MOST_PRINTED)).all()
    return render_template(
        "collection/letters_printing.html",
        rows=rows,
        waiting=counted("status").get("to_print", 0),
        may_work=may(person(), "letters.work"),
    )


# --- one letter ---------------------------------------------------------------------------------------------------


@blueprint.get("/letters/<number>")
@allowed("letters.see")
def letter(number: str) -> ResponseReturnValue:
    """Show a letter: what it names and claims, its text, and the proof of its delivery."""
    found, file = fetch(number)
    page = letter_page(found, file)
    file.log("view", "account")
    db.session.commit()
    return page


@blueprint.get("/letters/<number>.pdf")
@allowed("letters.see")
def letter_file(number: str) -> ResponseReturnValue:
    """Hand out a letter as PDF, in its own language."""
    found, file = fetch(number)
    content = letter_pdf(found, the_company(db.session()).name)
    file.log("print", "account")
    db.session.commit()
    return attached(content, "application/pdf", file_name(found))


@blueprint.post("/letters/<number>/exclude")
@allowed("letters.see")
def letter_exclude(number: str) -> ResponseReturnValue:
    """Take a letter out that has not gone out."""
    found, file = fetch(number)
    check("letters.work", file.customer)
    form = ExcludeForm()
    if form.validate_on_submit():
        try:
            sending.exclude(db.session(), found, form.reason.data or "", person().id, now())
        except Refused as refused:
            db.session.rollback()
            form.reason.errors = [said(refused)]
        else:
            return done(file, found, _("The letter is taken out; it is not sent."))
    return letter_page(found, file, exclude=form), 422


@blueprint.post("/letters/<number>/proof")
@allowed("letters.see")
def letter_proof(number: str) -> ResponseReturnValue:
    """Keep proof that a letter arrived, or did not."""
    found, file = fetch(number)
    check("letters.work", file.customer)
    form = ProofForm()
    if form.validate_on_submit():
        try:
            document = form.document()
            record_proof(
                db.session(), found, form.proof(), today(), now(), document=document, person_id=person().id
            )
        except InvalidAnswer as wrong:
            db.session.rollback()
            form[wrong.field].errors = [said(wrong)]
        except Refused as refused:
            db.session.rollback()
            form.kind.errors = [said(refused)]
        else:
            return done(file, found, _("The proof is kept."))
    return letter_page(found, file, proof=form), 422


# --- inside -------------------------------------------------------------------------------------------------------


def fetch(number: str) -> tuple[DunningLetter, Opened]:
    """The letter and the file of its customer. Raises NotFound, ReasonNeeded."""
    found = sending.get_letter(db.session(), number)
    return found, opened(found.customer.number)


def done(file: Opened, found: DunningLetter, words: str) -> ResponseReturnValue:
    """Commit, say so, and show the letter."""
    file.log("change", "account", {"dunning_letter": [None, f"{found.number} {found.status}"]})
    address = url_for("collection.letter", number=found.number)
    db.session.commit()
    flash(words, "success")
    return redirect(address)


def letter_page(
    found: DunningLetter, file: Opened, exclude: ExcludeForm | None = None, proof: ProofForm | None = None
) -> str:
    """The page of a letter, perhaps with a form that was not taken."""
    session, mine_to_work = db.session(), may(person(), "letters.work", file.customer)
    return render_template(
        "collection/letter.html",
        letter=found,
        customer=file.customer,
        document=letter_document(found, the_company(session).name),
        otherwise=otherwise(session, found),
        interrupted=interrupted_by(session, found),
        exclude=(exclude or ExcludeForm(formdata=None)) if mine_to_work and found.status in UNSENT else None,
        proof=(proof or ProofForm(formdata=None, happened_on=today()))
        if mine_to_work and found.status in ON_THE_WAY
        else None,
        reason=_(found.reason) if found.reason else "",
        may_open_document=may(person(), "customer.file", file.customer),
    )


def mine(query: Select[Any], roles: Sequence[str] = ROLES) -> Select[Any]:
    """The query with its customers, those of the branches in which the signed-in person holds one of the roles."""
    query = query.join(DunningLetter.customer)
    return query.where(in_branches(roles))


def in_branches(roles: Sequence[str]) -> ColumnElement[bool]:
    """Customers of the branches in which the signed-in person holds one of the roles."""
    branches = branches_of(person(), roles)
    if branches is None:
        return true()
    return or_(Customer.branch_id.is_(None), Customer.branch_id.in_(branches))


def counted(name: str) -> dict[str, int]:
    """How many letters of one's branches there are of each status or level."""
    column = getattr(DunningLetter, name)
    query = (
        select(column, func.count()).join(DunningLetter.customer).where(in_branches(ROLES)).group_by(column)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def chips(
    listing: Listing, name: str, words: Sequence[tuple[str, str]], chosen: str | None, counts: dict[str, int]
) -> list[dict[str, Any]]:
    """The filters of one kind, each with how many there are; those of none are left out."""
    found: list[dict[str, Any]] = [
        {"label": _("all"), "url": listing.url(**{name: None}), "current": chosen is None}
    ]
    return found + [
        {
            "label": word,
            "url": listing.url(**{name: code}),
            "current": code == chosen,
            "count": counts.get(code),
        }
        for code, word in words
        if counts.get(code) or code == chosen
    ]


def letter_status(status: str) -> str:
    """The word of a letter's status."""
    return str(status_word(f"letter_{status}").label)


def latest_run() -> DunningRun | None:
    """The newest run, while the worker is at it."""
    query = select(DunningRun).where(DunningRun.ended_at.is_(None)).order_by(DunningRun.id.desc())
    return db.session.scalars(query.options(joinedload(DunningRun.releaser)).limit(1)).first()


def last_shown() -> int:
    """The newest letter that stood on the page. Raises BadParameter."""
    text = request.form.get("up_to", "")
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise BadParameter(_("Open the page anew; it does not say which letters are meant."))
    return int(text)
