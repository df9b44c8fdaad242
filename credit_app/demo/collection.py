"""Collection of the demo: the worker's days are lived again, so that every case has its stages behind it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_app import collecting, resources
from credit_app.facts import collection_stage
from credit_app.processes import registry_of
from workflows import Engine, clock

# Days ago on which the worker looked; often enough for the stages that lie weeks apart.
LOOKED = (90, 62, 40, 26, 14, 7, 2, 0)


def add_collection(session: Session, now: datetime) -> None:
    """Open, move and close the cases of the last months."""
    engine = Engine(registry_of(resources.bpmn()))
    for days in LOOKED:
        with clock.at(now - timedelta(days=days)):
            collecting.run_day(session)
            while collecting.move_some(session, engine, 50):
                pass
            collecting.finish_runs(session)
            collection_stage.refresh(session, collecting.today_of(session))
