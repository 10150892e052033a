"""The garbage collector, told how this program lives: requests make many objects that die by reference count.

Left as it is, the collector looks through all of them again and again, and half of the time that a plan of ten thousand
order lines takes is spent on it.
"""

import gc

# New objects until the youngest generation is looked through; the elder generations as seldom.
YOUNG = 100_000
ELDER = 20


def load() -> None:
    """To be called before a process loads what it keeps until its end: nothing of it can be collected, so nothing is
    looked through meanwhile. That is a quarter of the time that loading takes."""
    gc.disable()


def settle() -> None:
    """To be called when a process has loaded all that it keeps until its end."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, ELDER, ELDER)
