"""The code of service tasks: one folder a process, one module a node, named as its BPMN id, each with `run()`."""
