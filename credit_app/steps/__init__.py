"""The code of user tasks: one folder a process, one module a node, named as its BPMN id.

A step module has `Form` (with `answer()`), `facts(action)` for its page and `complete(action, answer)`, which checks
the answer, changes credit rows and returns the outcome for the process. Optional: `assign(action)` (who may do it),
`check(action)` (may this person?), `form_facts(action, form)` (what its page shows besides, by what stands in the
form), and `save_draft`, with `OWN_DRAFT` where the draft is its author's alone.
"""
