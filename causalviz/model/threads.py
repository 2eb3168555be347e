"""How many cores torch takes.

The network's tensors are small: a second thread gains little where cores are free, and where they are not, threads
that wait for each other make every step many times slower. Work beside the dashboard therefore takes one core.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_core() -> Iterator[None]:
    """Lets torch use one core in this thread until the block ends."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
