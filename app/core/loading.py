"""Looks for garbage: none while a process loads the application, none among what is loaded afterwards.

What is loaded lives as long as the process. The collector would walk over it dozens of times while it grows, a quarter
of the time that loading takes, and again with every full look later. Import this module before everything else.
"""

import gc

LOOK_AFTER = (20_000, 20, 20)
"""New objects between two looks among the youngest, and such looks between two among the older: requests make hardly
any cycles, and the interpreter's 700 have it look several times in each.
"""

gc.disable()


def loaded() -> None:
    """Look for garbage from now on, and never among what is loaded by now: none of it ever becomes any."""
    gc.freeze()
    gc.set_threshold(*LOOK_AFTER)
    gc.enable()
