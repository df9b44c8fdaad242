"""The process platform: SpiffWorkflow executes the diagrams, PostgreSQL keeps every step. The only door."""

from workflows import clock, expressions, grid, history, inbox, incidents, outbox
from workflows.action import SYSTEM, Action, Actor, Assignment, Handlers, TaskRow, reads_only
from workflows.definitions import Parsed, deploy_directory, read_directory
from workflows.engine import Engine, TimerFailed
from workflows.errors import (
    AlreadyAnswered,
    Conflict,
    DecisionFailed,
    DefinitionRefused,
    EngineError,
    ExpressionRefused,
    InvalidAnswer,
    NotAllowed,
    NotFound,
    NotWaiting,
    Refused,
    StaleTask,
)
from workflows.reassign import reassign
from workflows.recorder import note_insert, undone_as_a_whole
from workflows.run import OpenedTask, Rest
from workflows.tables import Base
from workflows.timers import fire_due

__all__ = [
    "SYSTEM",
    "Action",
    "Actor",
    "AlreadyAnswered",
    "Assignment",
    "Base",
    "Conflict",
    "DecisionFailed",
    "DefinitionRefused",
    "Engine",
    "EngineError",
    "ExpressionRefused",
    "Handlers",
    "InvalidAnswer",
    "NotAllowed",
    "NotFound",
    "NotWaiting",
    "OpenedTask",
    "Parsed",
    "Refused",
    "Rest",
    "StaleTask",
    "TaskRow",
    "TimerFailed",
    "clock",
    "deploy_directory",
    "expressions",
    "fire_due",
    "grid",
    "history",
    "inbox",
    "incidents",
    "note_insert",
    "outbox",
    "read_directory",
    "reads_only",
    "reassign",
    "undone_as_a_whole",
]
