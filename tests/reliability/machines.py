"""How the state machines run: many stories; a failing one is shown as it came.

To find a shorter one takes minutes, and a fault of a mutant is to be seen at once.
"""

from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def told(machine: type[RuleBasedStateMachine], stories: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=stories,
            stateful_step_count=steps,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
        ),
    )
