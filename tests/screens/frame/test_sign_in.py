"""Signing in, being locked out, setting a password by a link, staying signed in and being signed out."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.db import db, make_engine
from credit_app.models import PasswordLink, Person
from credit_app.screens import links, sessions
from credit_app.screens.start import first_name
from tests.conftest import NOW
from tests.factories import PASSWORD, Cast
from tests.screens.frame.browsing import Browser
from workflows import clock
from workflows.tables import Outbox

NEW = "four hills behind the harbour"


def test_a_person_signs_in_and_sees_the_start_page(browser: Browser, cast: Cast) -> None:
    answer = browser.sign_in(cast.sara.email)
    assert (answer.status_code, answer.location) == (302, "/")
    assert "Welcome, Sara" in browser.get("/").text


def test_people_are_greeted_by_their_first_name_and_not_by_their_title() -> None:
    names = ("Sara Lind", "Prof. Dr. Friederike Vogel", "Liu Yang 刘洋", "Dr.")
    assert [first_name(one) for one in names] == ["Sara", "Friederike", "Liu", "Dr."]


def test_the_email_may_be_typed_in_any_case(browser: Browser, cast: Cast) -> None:
    assert browser.sign_in(f" {cast.sara.email.upper()} ").status_code == 302


@pytest.mark.parametrize("email", ["sara.lind@test.example", "nobody@test.example"])
def test_a_wrong_password_and_an_unknown_email_read_the_same(browser: Browser, email: str) -> None:
    answer = browser.sign_in(email, "wrong password")
    assert answer.status_code == 401
    assert "E-mail and password do not match." in answer.text
    assert "After 5 failed attempts" in answer.text


def test_a_deactivated_person_does_not_sign_in(browser: Browser, cast: Cast, owner_session: Session) -> None:
    cast.sara.active = False
    owner_session.commit()
    assert browser.sign_in(cast.sara.email).status_code == 401


def test_five_wrong_passwords_lock_the_account_for_fifteen_minutes(browser: Browser, cast: Cast) -> None:
    for _attempt in range(5):
        assert browser.sign_in(cast.sara.email, "wrong password").status_code == 401
    assert browser.sign_in(cast.sara.email).status_code == 401  # the right one, but the account rests
    with clock.at(NOW + timedelta(minutes=16)):
        assert browser.sign_in(cast.sara.email).status_code == 302


def test_a_right_password_starts_the_count_anew(browser: Browser, cast: Cast) -> None:
    for _round in range(2):
        for _attempt in range(4):
            browser.sign_in(cast.sara.email, "wrong password")
        assert browser.sign_in(cast.sara.email).status_code == 302
        browser.get("/help")
        browser.post("/sign-out")


def test_parallel_guesses_do_not_exceed_the_attempts(cast: Cast, database_app_url: str) -> None:
    email = cast.sara.email
    engine = make_engine(database_app_url)
    counted = []

    def guess(number: int) -> None:
        with Session(engine) as session:
            person = session.scalars(select(Person).where(Person.email == email)).one()
            at = NOW + timedelta(milliseconds=number)
            counted.append(sessions.count_attempt(session, person, sessions.DEFAULTS, at))
            session.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(guess, range(12)))
    engine.dispose()
    assert sum(counted) == 5


def test_the_session_gets_a_new_identity_at_sign_in(browser: Browser, cast: Cast) -> None:
    browser.get("/sign-in")
    before = browser.client.get_cookie("session")
    browser.sign_in(cast.sara.email)
    after = browser.client.get_cookie("session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert after.http_only
    assert after.same_site == "Lax"


def test_an_idle_session_ends(signed_in: Callable[[Any], Browser], cast: Cast) -> None:
    opened = signed_in(cast.sara)
    with clock.at(NOW + timedelta(minutes=59)):
        assert opened.get("/").status_code == 200
    with clock.at(NOW + timedelta(minutes=59 + 61)):
        answer = opened.get("/applications")
        assert answer.status_code == 302
        assert answer.location.startswith("/sign-in?next=")


def test_a_session_ends_after_half_a_day_of_work(signed_in: Callable[[Any], Browser], cast: Cast) -> None:
    opened = signed_in(cast.sara)
    for minutes in range(50, 12 * 60, 50):
        with clock.at(NOW + timedelta(minutes=minutes)):
            assert opened.get("/").status_code == 200
    with clock.at(NOW + timedelta(hours=12, minutes=1)):
        assert opened.get("/").status_code == 302


def test_signing_out_makes_a_copied_cookie_worthless(
    signed_in: Callable[[Any], Browser], cast: Cast, app: Flask
) -> None:
    opened = signed_in(cast.sara)
    kept = opened.client.get_cookie("session")
    assert kept is not None
    opened.post("/sign-out")
    thief = Browser(app)
    thief.client.set_cookie("session", kept.value)
    assert thief.get("/").status_code == 302


def test_signing_out_by_a_link_does_nothing(signed_in: Callable[[Any], Browser], cast: Cast) -> None:
    opened = signed_in(cast.sara)
    assert opened.get("/sign-out").status_code == 405
    assert opened.get("/").status_code == 200


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/applications?status=draft", "/applications?status=draft"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/ok\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_nobody_is_led_elsewhere(
    browser: Browser, cast: Cast, asked: str, led_to: str
) -> None:
    assert browser.sign_in(cast.sara.email, next=asked).location == led_to


# --- one-time links ----------------------------------------------------------------------------------------------


def ask_for_link(browser: Browser, email: str) -> None:
    browser.get("/forgot-password")
    answer = browser.post("/forgot-password", {"email": email})
    assert answer.location == "/sign-in"


def newest_link(app: Flask) -> str:
    with app.test_request_context():
        link = db.session.scalars(select(PasswordLink).order_by(PasswordLink.id.desc())).first()
        assert link is not None
        return f"/set-password/{links.token(app.config['SECRET_KEY'], link.id, link.expires_at)}"


def test_a_link_sets_the_password_once_and_ends_other_sessions(
    browser: Browser, signed_in: Callable[[Any], Browser], cast: Cast, app: Flask
) -> None:
    elsewhere = signed_in(cast.sara)
    ask_for_link(browser, cast.sara.email)
    path = newest_link(app)
    browser.get(path)
    assert browser.post(path, {"password": NEW, "again": NEW}).location == "/sign-in"
    assert elsewhere.get("/").status_code == 302
    assert browser.get(path).status_code == 410
    assert browser.sign_in(cast.sara.email).status_code == 401
    assert browser.sign_in(cast.sara.email, NEW).status_code == 302


def test_a_link_is_over_after_an_hour(browser: Browser, cast: Cast, app: Flask) -> None:
    ask_for_link(browser, cast.sara.email)
    with clock.at(NOW + timedelta(minutes=61)):
        assert browser.get(newest_link(app)).status_code == 410


def test_neither_table_nor_outbox_holds_what_opens_the_account(
    browser: Browser, cast: Cast, app: Flask, owner_session: Session
) -> None:
    ask_for_link(browser, cast.sara.email)
    secret = newest_link(app).rpartition("/")[2]
    mail = owner_session.scalars(select(Outbox)).one()
    link = owner_session.scalars(select(PasswordLink)).one()
    assert (mail.recipient, mail.template) == (f"person:{cast.sara.id}", "password_reset")
    assert secret not in mail.params
    assert secret not in link.token_sha256


def test_an_unknown_email_gets_the_same_answer_and_no_mail(
    browser: Browser, cast: Cast, owner_session: Session
) -> None:
    ask_for_link(browser, "nobody@test.example")
    assert owner_session.scalars(select(Outbox)).all() == []


def test_at_most_three_links_an_hour(browser: Browser, cast: Cast, owner_session: Session) -> None:
    for _attempt in range(5):
        ask_for_link(browser, cast.sara.email)
    assert len(owner_session.scalars(select(PasswordLink)).all()) == 3


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("short", "short", "Please take 12 to 200 characters."),
        ("password1234", "password1234", "too easy to guess"),
        ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "too easy to guess"),
        (NEW, NEW + "x", "The two passwords differ."),
        ("x" * 201, "x" * 201, "Please take 12 to 200 characters."),
    ],
)
def test_a_poor_password_is_refused_with_the_reason(
    browser: Browser, cast: Cast, app: Flask, password: str, again: str, sentence: str
) -> None:
    ask_for_link(browser, cast.sara.email)
    path = newest_link(app)
    browser.get(path)
    answer = browser.post(path, {"password": password, "again": again})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_mail_holds_the_link_that_works(browser: Browser, cast: Cast, app: Flask) -> None:
    ask_for_link(browser, cast.sara.email)
    path = newest_link(app)
    with app.test_request_context(base_url="https://credit.example"):
        number = db.session.scalars(select(PasswordLink.id)).one()
        assert links.address(number) == f"https://credit.example{path}"


def test_changing_the_password_needs_the_present_one_and_keeps_this_session(
    signed_in: Callable[[Any], Browser], cast: Cast
) -> None:
    here, elsewhere = signed_in(cast.sara), signed_in(cast.sara)
    here.get("/account")
    wrong = here.post("/account", {"current": "something else", "password": NEW, "again": NEW})
    assert wrong.status_code == 422
    assert "not your present password" in wrong.text
    assert here.post("/account", {"current": PASSWORD, "password": NEW, "again": NEW}).status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_the_sign_in_page_shows_no_inline_script_or_style(browser: Browser) -> None:
    text = browser.get("/sign-in").text
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", text)
