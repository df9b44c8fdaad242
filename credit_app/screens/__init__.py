"""Thin views: load for this person, check, call, commit, redirect."""

from flask import Flask, g, request
from werkzeug.routing import IntegerConverter, Map

from credit_app.db import db
from credit_app.models import Company
from credit_app.models.once import show_only
from credit_app.screens import (
    applications,
    applications_flow,
    auth,
    bank,
    blacklist,
    calendar,
    clauses,
    code_words,
    collection,
    committee,
    contracts,
    currencies,
    customers,
    definitions,
    discussion,
    entry,
    file,
    file_words,
    frame,
    history,
    imports,
    inbox,
    inbox_acts,
    inbox_bulk,
    inbox_news,
    inbox_rows,
    incidents,
    legal,
    links,
    matrices,
    order_releases,
    orders,
    organisation,
    outbox,
    people,
    policy,
    policy_reading,
    present,
    process_view,
    process_words,
    rating_models,
    receipts,
    receivables,
    release_list,
    reviews,
    saved_filters,
    search,
    sessions,
    stale,
    start,
    substitutes,
    taking_back,
    tasks,
    tokens,
    watching,
)
from credit_app.screens.contracts import templates as contract_templates

BLUEPRINTS = (
    auth.blueprint,
    start.blueprint,
    search.blueprint,
    inbox.blueprint,
    inbox_acts.blueprint,
    inbox_bulk.blueprint,
    inbox_news.blueprint,
    watching.blueprint,
    saved_filters.blueprint,
    history.blueprint,
    receipts.blueprint,
    definitions.blueprint,
    outbox.blueprint,
    incidents.blueprint,
    tasks.blueprint,
    discussion.blueprint,
    applications_flow.blueprint,
    entry.blueprint,
    reviews.blueprint,
    applications.blueprint,
    committee.blueprint,
    taking_back.blueprint,
    customers.blueprint,
    receivables.blueprint,
    collection.blueprint,
    legal.blueprint,
    contracts.blueprint,
    blacklist.blueprint,
    orders.blueprint,
    release_list.blueprint,
    imports.blueprint,
    bank.blueprint,
    people.blueprint,
    substitutes.blueprint,
    calendar.blueprint,
    organisation.blueprint,
    currencies.blueprint,
    tokens.blueprint,
    policy.blueprint,
    matrices.blueprint,
    rating_models.blueprint,
    clauses.blueprint,
)


class RowNumber(IntegerConverter):
    """A number in an address that a row can have; a larger one is at no address."""

    def __init__(self, url_map: Map, fixed_digits: int = 0) -> None:
        super().__init__(url_map, fixed_digits, 0, 2**63 - 1)


def init_app(app: Flask) -> None:
    """Register every screen with the filters and the frame its templates need."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["company_zone"] = company_zone
    app.url_map.converters["int"] = RowNumber
    app.before_request(read_once)
    sessions.init_app(app)
    stale.init_app(app)
    present.init_app(app)
    app.extensions["sentence_words"] = code_words.sentence_words()
    frame.init_app(app)
    file.opening.init_app(app)
    file_words.init_app(app)
    receivables.words.init_app(app)
    collection.words.init_app(app)
    collection.letter_words.init_app(app)
    collection.interest.init_app(app)
    collection.write_offs.init_app(app)
    legal.words.init_app(app)
    orders.init_app(app)
    order_releases.init_app(app)
    collection.worklist_words.init_app(app)
    contracts.words.init_app(app)
    app.extensions["nav_counts"] = {"inbox": inbox.count, "incidents": incidents.count}
    app.extensions["start_tasks"] = inbox_rows.first_tasks
    app.extensions["application_process"] = process_view.application_process
    spoken = (
        process_words.node_name,
        process_words.process_name,
        process_words.column_word,
        process_words.rows_word,
    )
    for function in (applications.customer_name, currencies.exact_rate, policy_reading.code_word, *spoken):
        app.add_template_filter(function)
    app.add_template_filter(discussion.beside)
    app.add_template_filter(tokens.scope_word)
    app.add_template_global(saved_filters.of_this_list, "saved_filters")
    app.add_template_global(contract_templates.title_of, "contract_template_title")
    app.add_template_global(links.address, "password_link")
    app.add_template_global(receipts.receipt_ids)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


def read_once() -> None:
    """A page that is only looked at puts the same question to the database once."""
    if request.method in ("GET", "HEAD") and request.endpoint != "static":
        show_only(db.session())


def company_zone() -> str:
    """Return the company's time zone, read once a request."""
    if "company_zone" not in g:
        if "company" not in g:
            g.company = db.session.get(Company, 1)
        g.company_zone = g.company.time_zone if g.company else "UTC"
    return str(g.company_zone)
