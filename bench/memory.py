"""Figures without a database: the bare step, and load, complete, save against the library's own serialiser."""

from __future__ import annotations

from statistics import median
from time import perf_counter

from bench.case import ANSWERS, DATA, STEPS, CodecHost, Stock, parsed
from workflows import codec
from workflows.runtime import READY, LeanWorkflow, node_id


class Lean:
    """Our state machine and codec alone."""

    def __init__(self) -> None:
        self.parsed = parsed()
        self.host = CodecHost()

    def create(self) -> bytes:
        """The state of a fresh instance at its first user task."""
        workflow = LeanWorkflow(self.parsed.spec, self.parsed.subprocess_specs)
        workflow.host = self.host
        workflow.task_tree.data = dict(DATA)
        workflow.run_to_rest(lambda task: task.run(), set())
        return codec.dump(workflow)

    def step(self, state: bytes) -> bytes:
        """Load, complete the open user task, save."""
        workflow = codec.load(state, self.parsed.spec, self.parsed.subprocess_specs)
        workflow.host = self.host
        task = next(t for t in workflow.all_tasks() if t._state == READY and t.task_spec.manual)
        task.data.update(ANSWERS[node_id(task)])
        task.run()
        workflow.run_to_rest(lambda each: each.run(), set())
        return codec.dump(workflow)


def load_complete_save(rounds: int) -> dict[str, float]:
    """Median milliseconds of the bare step, of the stock and of our load–complete–save; bytes of state."""
    stock, lean = Stock(), Lean()
    bare, theirs, ours, sizes = [], [], [], []
    for _ in range(rounds):
        bare_workflow, state, ours_state = stock.create(), stock.save(stock.create()), lean.create()
        for step in range(STEPS):
            begin = perf_counter()
            stock.step(bare_workflow)
            bare.append(perf_counter() - begin)
            begin = perf_counter()
            loaded = stock.load(state)
            stock.step(loaded)
            state = stock.save(loaded)
            theirs.append(perf_counter() - begin)
            begin = perf_counter()
            ours_state = lean.step(ours_state)
            ours.append(perf_counter() - begin)
            if step < STEPS - 1:
                sizes.append((len(state), len(ours_state)))
        assert bare_workflow.completed
    return {
        "bare": median(bare) * 1e3,
        "stock": median(theirs) * 1e3,
        "ours": median(ours) * 1e3,
        "stock_bytes": median(size for size, _ in sizes),
        "our_bytes": median(size for _, size in sizes),
    }
