"""The discussion of an application: comments are only added, and stand in the history's chain too."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.mentions import Named, mentioned
from credit_app.facts.following import watch
from credit_app.models import Comment, CreditApplication, Person
from workflows import Actor, Engine, outbox

MOST_SHOWN = 100


def comments_of(session: Session, application_id: int) -> list[Comment]:
    """The newest comments of an application, the oldest of them first."""
    query = (
        select(Comment)
        .where(Comment.application_id == application_id)
        .options(joinedload(Comment.author))
        .order_by(Comment.id.desc())
        .limit(MOST_SHOWN)
    )
    return list(reversed(session.scalars(query).all()))


def mentioned_in(session: Session, body: str) -> tuple[int, ...]:
    """Ids of the active people that a text mentions. Raises UnknownMention, AmbiguousMention."""
    if "@" not in body:
        return ()
    rows = session.execute(select(Person.id, Person.name, Person.email).where(Person.active))
    return mentioned(body, [Named(row.id, row.name, row.email) for row in rows])


def say(
    session: Session, engine: Engine, application: CreditApplication, author: Person, body: str,
    told: Iterable[Person], key: str | None,
) -> Comment | None:  # fmt: skip
    """Add a comment, tell the people by mail, let author and them watch. None when `key` was sent before.

    The caller has checked that all of them may see the case.
    """
    people = {one.id: one for one in told if one.id != author.id}
    if key is not None and session.scalar(select(Comment.id).where(Comment.request_key == key)) is not None:
        return None
    comment = Comment(
        application_id=application.id, author_id=author.id, body=body, mentions=list(people), request_key=key
    )
    session.add(comment)
    session.flush()
    if application.instance_id is not None:
        facts = {"comment": body, "told": [one.name for one in people.values()]}
        engine.remark(
            session, application.instance_id, Actor(author.id), "screen:discussion", "commented", facts
        )
    for person_id in (author.id, *people):
        watch(session, person_id, application.id)
    for person_id in people:
        outbox.queue(
            session, f"comment:{comment.id}:{person_id}", "mail", f"person:{person_id}", "mentioned",
            {"application_id": application.id, "comment_id": comment.id},
        )  # fmt: skip
    return comment
