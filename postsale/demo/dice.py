"""Random numbers that depend on the seed, the customer and the purpose alone.

Customers are drawn in fixed blocks. Each purpose has its own generator per block and always draws for the
whole block, so customer *i* is the same whether the company has 400 customers or 100,000, and no purpose
disturbs another.
"""

from __future__ import annotations

import zlib

import numpy as np

from postsale.demo.clock import Floats, Ints

BLOCK = 1000
"""Customers drawn together."""


class Dice:
    """Draws for the customers ``block * BLOCK`` onwards."""

    def __init__(self, seed: int, block: int, customers: int) -> None:
        """Prepare draws for the first ``customers`` (1 to BLOCK) of a block; ``seed`` is at least 0."""
        self._key = (seed, block)
        self._customers = customers

    def _generator(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng([*self._key, zlib.crc32(purpose.encode())])

    def uniform(self, purpose: str, *shape: int) -> Floats:
        """Numbers in [0, 1), first axis the customer."""
        return self._generator(purpose).random((BLOCK, *shape))[: self._customers]

    def normal(self, purpose: str, *shape: int) -> Floats:
        """Standard normal numbers, first axis the customer."""
        return self._generator(purpose).standard_normal((BLOCK, *shape))[: self._customers]


def choose(draw: Floats, shares: Floats) -> Ints:
    """Index of the share each draw falls into; ``shares`` sum to 1 along their last axis."""
    steps = np.cumsum(shares, axis=-1)
    steps[..., -1] = 1.0
    return np.asarray((draw[..., None] >= steps).sum(axis=-1), dtype=np.int64)
