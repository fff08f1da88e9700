"""Many strings in two arrays: one run of UTF-8 and where each string starts. Small, and can be mapped from disk."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Strings(Sequence[str]):
    """An immutable sequence of strings. `data`: uint8, all the text; `starts`: int32 or int64 of length n + 1."""

    data: NDArray[np.uint8]
    starts: NDArray[np.integer]

    @classmethod
    def of(cls, values: Iterable[str]) -> Strings:
        """The sequence of `values`."""
        parts = [value.encode() for value in values]
        starts = np.zeros(len(parts) + 1, dtype=np.int64)
        np.cumsum([len(part) for part in parts], out=starts[1:])
        return cls(np.frombuffer(b"".join(parts), dtype=np.uint8), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        position = index % len(self)
        return self.data[self.starts[position] : self.starts[position + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        data, starts = self.data.tobytes(), self.starts.tolist()
        return (data[a:b].decode() for a, b in itertools.pairwise(starts))
