"""Collection: the case of a customer with overdue debts, the stages it went through, and who spoke with whom."""

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.collection import CONTACT_OUTCOMES, MOVE_CAUSES, PAUSED, REASON_CODES, STAGES
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer_case import CustomerCase
from credit_app.models.organisation import Person

# open · cleared: nothing is overdue any more · given_up: ended by hand, the debts stay or were written off
CASE_STATUSES = ("open", "cleared", "given_up")
CASE_LADDERS = ("low", "medium", "high", "key")
CONTACT_CHANNELS = ("call", "email", "sms", "letter", "visit", "meeting")
CONTACT_DIRECTIONS = ("out", "in")


def shown_stage(stage: str, *, proposed: bool) -> str:
    """The code of a stage's word: a stage of its own while it is only proposed."""
    return f"{stage}_proposed" if proposed else stage


class CollectionCase(CustomerCase, Model):
    """The one open case of a customer with overdue debts.

    `stage` is where it stands (`paused` while all that is overdue is disputed or promised), `proposed` whether somebody
    has to agree to it yet, `ladder` the one whose days it follows; `amount` is overdue in base currency as of
    `seen_on`, `oldest_due` the due date that decides the stage. After a broken promise it stands no lower than
    `floor_stage` while a debt as old as `floor_due` is open.
    """

    __tablename__ = "collection_case"
    __table_args__ = (
        one_of("status", CASE_STATUSES),
        one_of("stage", (PAUSED, *STAGES)),
        one_of("ladder", CASE_LADDERS),
        CheckConstraint("(floor_stage IS NULL) = (floor_due IS NULL)", name="floor_with_day"),
        CheckConstraint("(paused_until IS NULL) = (pause_ground = '')", name="pause_with_ground"),
        CheckConstraint("(status = 'open') = (closed_on IS NULL)", name="closed_with_day"),
        Index(
            "uq_collection_case_open", "customer_id", unique=True, postgresql_where=text("status = 'open'")
        ),
        Index("ix_collection_case_customer", "customer_id", text("opened_on DESC"), text("id DESC")),
        Index(
            "ix_collection_case_collector",
            "collector_id",
            "id",
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_collection_case_stage", "stage", "id", postgresql_where=text("status = 'open'")),
    )

    stage: Mapped[str] = mapped_column(String(20))
    stage_on: Mapped[Day]
    proposed: Mapped[bool] = mapped_column(default=False, server_default=false())
    ladder: Mapped[str] = mapped_column(String(10))
    opened_on: Mapped[Day]
    closed_on: Mapped[Day | None]
    close_note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    seen_on: Mapped[Day]
    oldest_due: Mapped[Day | None]
    floor_stage: Mapped[str | None] = mapped_column(String(20))
    floor_due: Mapped[Day | None]
    paused_until: Mapped[Day | None]
    pause_ground: Mapped[str] = mapped_column(String(500), default="", server_default="")
    reason_code: Mapped[str | None] = mapped_column(String(20))
    collector_id: Mapped[int | None] = refers_to("person.id")
    follow_up_on: Mapped[Day | None]

    collector: Mapped[Person | None] = relationship(foreign_keys="CollectionCase.collector_id")
    moves: Mapped[list["CollectionMove"]] = relationship(back_populates="case", order_by="CollectionMove.id")

    @property
    def shown_stage(self) -> str:
        """The stage as people read it: one that is only proposed says so."""
        return shown_stage(self.stage, proposed=self.proposed)


class CollectionMove(Model):
    """A change of a case's stage: from where (None: the case was opened) to where (None: it ended), and why.

    A stage that somebody has to agree to is `proposed`; when it is agreed, a move leads from it to itself. `amount` was
    overdue in base currency, `days_overdue` the age of the debt that decided. Rows are only added.
    """

    __tablename__ = "collection_move"
    __table_args__ = (
        one_of("cause", MOVE_CAUSES),
        CheckConstraint("from_stage IS NOT NULL OR to_stage IS NOT NULL", name="somewhere"),
        Index("ix_collection_move_case", "case_id", "id"),
        Index("ix_collection_move_day", "moved_on", "id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = refers_to("collection_case.id")
    from_stage: Mapped[str | None] = mapped_column(String(20))
    to_stage: Mapped[str | None] = mapped_column(String(20))
    proposed: Mapped[bool] = mapped_column(default=False, server_default=false())
    moved_on: Mapped[Day]
    cause: Mapped[str] = mapped_column(String(20))
    days_overdue: Mapped[int | None]
    amount: Mapped[Money]
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    case: Mapped[CollectionCase] = relationship(back_populates="moves")
    maker: Mapped[Person | None] = relationship(foreign_keys="CollectionMove.made_by")

    @property
    def shown_stage(self) -> str | None:
        """The stage that it leads to as people read it."""
        return shown_stage(self.to_stage, proposed=self.proposed) if self.to_stage is not None else None


class CollectionContact(Model):
    """One attempt to reach a debtor, or what came from it: channel, outcome, reason code, what was said. Only added.

    What leaves through the outbox names its row there by `outbox_key`: that row says whether it has left.
    """

    __tablename__ = "collection_contact"
    __table_args__ = (
        one_of("channel", CONTACT_CHANNELS),
        one_of("direction", CONTACT_DIRECTIONS),
        one_of("outcome", CONTACT_OUTCOMES),
        one_of("reason_code", REASON_CODES),
        Index("ix_collection_contact_customer", "customer_id", text("made_at DESC"), text("id DESC")),
        Index("ix_collection_contact_person", "made_by", text("made_at DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    case_id: Mapped[int | None] = refers_to("collection_case.id")
    made_at: Mapped[Instant]
    channel: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(String(20))
    reason_code: Mapped[str | None] = mapped_column(String(20))
    reached: Mapped[str] = mapped_column(String(200), default="", server_default="")
    note: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    follow_up_on: Mapped[Day | None]
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    outbox_key: Mapped[str | None] = mapped_column(Text)
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    maker: Mapped[Person | None] = relationship(foreign_keys="CollectionContact.made_by")


class CollectionSignal(Model):
    """Something happened that may move a customer's case; the worker looks, moves it and takes the row away.

    Triggers add rows beside receipts, corrections, marks and ratings, the daily run one for each case that moves
    (`is_key`: it found a key customer). A row is due at once, one that failed at `due_at`; `held` waits for a person
    since `held_at`.
    """

    __tablename__ = "collection_signal"
    __table_args__ = (
        Index("ix_collection_signal_due", "id", postgresql_where=text("NOT held")),
        Index("ix_collection_signal_customer", "customer_id"),
        Index("ix_collection_signal_run", "run_id", postgresql_where=text("run_id IS NOT NULL")),
        Index("ix_collection_signal_held", "customer_id", postgresql_where=text("held")),
        CheckConstraint("held = (held_at IS NOT NULL)", name="held_since"),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    cause: Mapped[str] = mapped_column(String(20))
    run_id: Mapped[int | None] = refers_to("collection_run.id")
    is_key: Mapped[bool] = mapped_column(default=False, server_default=false())
    due_at: Mapped[Instant | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    held: Mapped[bool] = mapped_column(default=False, server_default=false())
    held_at: Mapped[Instant | None]
    last_error: Mapped[str] = mapped_column(String(500), default="", server_default="")


class CollectionRun(Model):
    """The run that looks at every account once a day: what it found, and how far the cases have been moved.

    `asked_by` asked last for a look by hand; `asked_at` stands until the worker has taken it up.
    """

    __tablename__ = "collection_run"
    __table_args__ = (
        Index("uq_collection_run_day", "day", unique=True),
        CheckConstraint("found >= 0 AND done >= 0", name="counted"),
    )

    id: Mapped[Id]
    day: Mapped[Day]
    started_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    found: Mapped[int] = mapped_column(default=0, server_default="0")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    asked_at: Mapped[Instant | None]
    asked_by: Mapped[int | None] = refers_to("person.id")

    asker: Mapped[Person | None] = relationship(foreign_keys="CollectionRun.asked_by")
