"""How many cores the work takes."""

from __future__ import annotations

import torch
from threadpoolctl import threadpool_info, threadpool_limits

from causalviz.model.threads import one_core, one_core_for_algebra


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_algebra_has_one_core_until_the_block_ends() -> None:
    with threadpool_limits(2, user_api="blas"):
        with one_core_for_algebra():
            assert blas_threads() == {1}
        assert blas_threads() == {2}


def test_torch_has_one_core_until_the_block_ends() -> None:
    before = torch.get_num_threads()
    with one_core():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
