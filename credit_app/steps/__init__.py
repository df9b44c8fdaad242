"""The code of user tasks: one folder a process, one module a node, named as its BPMN id.

A step module has `Form` (with `answer()`), `facts(action)` for its page and `complete(action, answer)`, which checks
the answer, changes credit rows and returns the outcome for the process. Optional: `assign(action)` (who may do it)
and `check(action)` (may this person?).
"""
