"""Looks for garbage: none while a process loads the application, none among what is loaded afterwards.

What is loaded lives as long as the process. The collector would walk over it dozens of times while it grows, a quarter
of the time that loading takes, and again with every full look later. Import this module before everything else.
"""

import gc

LOOK_AFTER = (20_000, 20, 20)
"""New objects between two looks among the youngest, and such looks between two among the older. A request leaves some
25 to 45 objects in cycles; with the interpreter's own thresholds (700, 10, 10) the tests of tenants and visits take 7 %
more CPU.
"""

gc.disable()


def loaded() -> None:
    """Look for garbage from now on, and never among what is loaded by now: none of it ever becomes any."""
    gc.freeze()
    gc.set_threshold(*LOOK_AFTER)
    gc.enable()
