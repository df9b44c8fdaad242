"""Who may do what: one table of named predicates. What is not named here is nobody's."""

from collections.abc import Callable, Iterable
from typing import Any

from credit_app.facts.people import stands_in_for
from credit_app.i18n import _
from credit_app.models import Person
from workflows import Action, NotAllowed

SALES = frozenset({"sales_rep", "sales_manager"})
CREDIT = frozenset({"credit_analyst", "credit_manager", "finance_director", "cfo", "committee"})
LEDGER = frozenset({"receivables", "collector", "counsel", "delivery"})

Predicate = Callable[[Person, Any], bool]


def roles_of(person: Person) -> frozenset[str]:
    """Return the roles a person holds in any branch."""
    return frozenset(row.role for row in person.roles)


def branches_of(person: Person, roles: Iterable[str]) -> frozenset[int] | None:
    """Return the branches in which a person holds one of `roles`; None means all of them."""
    wanted = frozenset(roles)
    rows = [row.branch_id for row in person.roles if row.role in wanted]
    return None if None in rows else frozenset(row for row in rows if row is not None)


def one_of(*roles: str) -> Predicate:
    """Return the predicate: holds one of these roles somewhere."""
    wanted = frozenset(roles)
    return lambda person, _obj: bool(wanted & roles_of(person))


def in_branch(*roles: str) -> Predicate:
    """Return the predicate: holds one of these roles in the customer's branch; somewhere, when no customer is given."""
    wanted = frozenset(roles)

    def holds(person: Person, customer: Any) -> bool:
        branches = branches_of(person, wanted)
        if branches is None or customer is None:
            return branches is None or bool(branches)
        return bool(branches) and customer.branch_id in (None, *branches)

    return holds


def anybody(_person: Person, _obj: Any) -> bool:
    """Everybody who is signed in."""
    return True


# Who keeps the files of suppliers and partners.
KEEPERS = (*SALES, "delivery", "counsel")

ACTIONS: dict[str, Predicate] = {
    "start.see": anybody,
    "inbox.see": one_of(*SALES, *CREDIT, *LEDGER),
    "application.create": one_of(*SALES),
    "application.list": one_of(*SALES, *CREDIT, "auditor"),
    "customer.list": one_of(*SALES, *CREDIT, *LEDGER, "auditor"),
    # Investigations, statements, ratings, documents: not for those who only deliver.
    "customer.file": one_of(*SALES, *CREDIT, "receivables", "collector", "counsel", "auditor"),
    "customer.change": in_branch("credit_analyst", "credit_manager", "receivables"),
    "customer.change_some": in_branch(*SALES, "credit_analyst", "credit_manager", "receivables"),
    "customer.inform": in_branch(*SALES, "credit_analyst", "credit_manager", "receivables"),
    "customer.investigate": in_branch("credit_analyst", "credit_manager"),
    "customer.export": one_of("credit_manager", "auditor"),
    "customer.access_log": one_of("credit_manager", "auditor", "admin"),
    "review.start": in_branch("credit_analyst", "credit_manager", "finance_director", "cfo"),
    "review.cancel": in_branch("credit_manager"),
    "security.release": in_branch("credit_manager", "finance_director", "cfo"),
    "blacklist.see": one_of("sales_manager", *CREDIT, "counsel", "auditor"),
    "blacklist.change": one_of("credit_manager"),
    "order.see": one_of(*SALES, *CREDIT, *LEDGER, "auditor"),
    "order.check": one_of(*SALES, *CREDIT),
    "order.release": in_branch(*SALES),
    "receivables.board": one_of(*CREDIT, "receivables", "collector", "counsel", "auditor"),
    "receivables.account": one_of(*SALES, *CREDIT, *LEDGER, "auditor"),
    # Who collects, sells or decides posts nothing.
    "receivables.post": in_branch("receivables"),
    "receivables.mark": in_branch("receivables", "collector", "credit_analyst", "credit_manager"),
    "confirmation.see": one_of(*CREDIT, "receivables", "collector", "counsel", "auditor"),
    "confirmation.start": in_branch("receivables"),
    "collection.see": one_of(*SALES, *CREDIT, "receivables", "collector", "counsel", "auditor"),
    "collection.work": in_branch("collector"),
    "collection.watch": in_branch("collector", "credit_manager"),
    # Who leads collection: gives cases to others, pauses and gives them up.
    "collection.lead": in_branch("credit_manager"),
    # How the nightly run went, and having it made now. Whose case rests is read by who leads collection only.
    "collection.runs": one_of("credit_manager", "admin"),
    "letters.see": one_of(*SALES, *CREDIT, "receivables", "collector", "counsel", "auditor"),
    # Takes letters out, posts those on paper, hands in proof of delivery.
    "letters.work": in_branch("collector", "credit_manager"),
    # Lets letters go out that policy has reviewed, and writes their texts.
    "letters.release": in_branch("credit_manager"),
    "letters.texts": one_of("credit_manager"),
    "interest.see": one_of(*CREDIT, "receivables", "collector", "counsel", "auditor"),
    "interest.claim": in_branch("receivables"),
    # How much is for the policy: see credit_app.domain.waiver.
    "interest.waive": in_branch("collector", "credit_manager", "finance_director"),
    "interest.agree": in_branch("credit_manager"),
    "write_off.see": one_of(*CREDIT, "receivables", "collector", "counsel", "auditor"),
    "write_off.start": in_branch("collector", "receivables"),
    "write_off.recover": in_branch("receivables"),
    "provision.see": one_of(*CREDIT, "receivables", "auditor"),
    "provision.run": one_of("finance_director", "cfo"),
    "provision.reserve": one_of("credit_manager", "finance_director", "cfo"),
    "promise.see": one_of(*SALES, *CREDIT, "receivables", "collector", "counsel", "auditor"),
    "promise.record": in_branch("collector", "receivables", "credit_manager"),
    # After too many broken ones.
    "promise.beyond": in_branch("credit_manager"),
    "plan.see": one_of(*SALES, *CREDIT, "receivables", "collector", "counsel", "auditor"),
    "plan.request": in_branch("collector", "receivables"),
    "extension.see": one_of(*SALES, *CREDIT, "receivables", "collector", "counsel", "auditor"),
    "extension.request": in_branch(*SALES, "collector", "receivables"),
    "legal.see": one_of(*CREDIT, "receivables", "collector", "counsel", "auditor"),
    "legal.start": in_branch("collector", "counsel", "credit_manager"),
    # Who runs a case enters its papers and costs; the debtor owes those that counsel claims.
    "legal.work": in_branch("counsel"),
    "legal.counsel": one_of("counsel"),
    "hold.propose": in_branch("collector", "credit_manager"),
    # Asking only: a credit manager decides on it.
    "hold.release": in_branch("collector", "credit_manager", "sales_manager"),
    "visit.start": in_branch("collector", "credit_manager"),
    "agency.change": one_of("credit_manager"),
    "placement.start": in_branch("collector", "credit_manager"),
    "placement.work": in_branch("collector"),
    "placement.end": in_branch("credit_manager"),
    "legacy.see": one_of(*CREDIT, "receivables", "collector", "counsel", "auditor"),
    "legacy.triage": in_branch("collector", "credit_manager"),
    "campaign.lead": one_of("credit_manager"),
    "dispute.see": one_of(*SALES, *CREDIT, *LEDGER, "auditor"),
    "dispute.open": in_branch(*SALES, "collector", "receivables"),
    # Ends what an invoice came in with, which pauses nothing and has no process.
    "dispute.settle_flag": in_branch("receivables", "collector"),
    # Contracts are made by those who sell, and on the purchase side by those who take delivery.
    "contract.see": one_of(*SALES, *CREDIT, *LEDGER, "auditor"),
    "contract.create": one_of(*SALES, "delivery"),
    "contract.change": in_branch(*SALES, "delivery"),
    "contract.perform": in_branch(*SALES, "delivery", "counsel"),
    "contract.texts": one_of("counsel"),
    "party.see": one_of(*SALES, *CREDIT, *LEDGER, "auditor"),
    "party.change": in_branch(*KEEPERS),
    "import.see": one_of("receivables", "credit_manager", "admin", "auditor"),
    "import.run": one_of("receivables", "admin"),  # the ledger feeds the rating: who decides does not fill it
    "bank.see": one_of("receivables", "credit_manager", "auditor"),
    "bank.act": one_of("receivables"),  # who collects does not post receipts
    "history.see": one_of(*SALES, *CREDIT, "receivables", "collector", "counsel", "auditor"),
    "definition.see": one_of("admin", "auditor", "credit_manager"),
    # Who decides by the policy publishes it, on the record; administrators and auditors only read it.
    "policy.see": one_of(*CREDIT, "auditor", "admin"),
    "policy.publish": one_of("credit_manager", "cfo"),
    "people.see": one_of("admin", "auditor"),
    "people.change": one_of("admin"),
    "substitution.change": one_of("admin"),
    "calendar.change": one_of("admin"),
    "currency.see": one_of("receivables", *CREDIT, "auditor", "admin"),
    "currency.change": one_of("receivables", "finance_director", "admin"),
    "organisation.see": one_of("admin", "auditor"),
    "organisation.change": one_of("admin"),
    # Whoever holds a token writes to the books under its source: people who decide or post make none.
    "token.see": one_of("admin", "auditor"),
    "token.change": one_of("admin"),
    "outbox.see": one_of("admin"),
    "incident.see": one_of("admin"),
    "incident.retry": one_of("admin"),
}


def may(person: Person | None, action: str, obj: Any = None) -> bool:
    """Tell whether `person` may do `action` (on `obj`); closed for unknown actions and inactive people."""
    if person is None or not getattr(person, "is_authenticated", False) or not person.active:
        return False
    predicate = ACTIONS.get(action)
    return predicate is not None and predicate(person, obj)


def check_role(action: Action) -> None:
    """The actor (or whom they substitute today) holds the task's role in its branch. Raises NotAllowed."""
    task, actor = action.task, action.actor
    person = action.session.get(Person, actor.on_behalf_of or actor.person_id or 0)
    if task is None or person is None or not person.active:
        raise NotAllowed(_("Sign in with an active account to do this."))
    if actor.on_behalf_of is not None and person not in stands_in_for(
        action.session, actor.person_id or 0, action.today
    ):
        raise NotAllowed(_("You do not stand in for %(name)s today.", name=person.name))
    branches = branches_of(person, [task.role])
    if branches is not None and not (task.scope in branches or (task.scope is None and branches)):
        raise NotAllowed(_("This task belongs to another role or branch."))
