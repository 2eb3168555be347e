"""How many cores torch and the linear algebra of NumPy take.

The network's tensors are small: a second thread gains little where cores are free, and where they are not, threads
that wait for each other make every step many times slower. Work beside the dashboard therefore takes one core, and so
does each of several threads that do the same work side by side.
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


@contextmanager
def one_core_for_algebra() -> Iterator[None]:
    """Lets NumPy's linear algebra use one core in each thread of the whole process until the block ends."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield


def stay_on_one_core() -> None:
    """Lets torch and NumPy's linear algebra use one core in this process: its neighbours have the others."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    threadpool_limits(1, user_api="blas")
