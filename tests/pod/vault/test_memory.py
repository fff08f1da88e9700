"""What is remembered of open pods is bounded, and goes with the pod."""

from __future__ import annotations

from werkpod.pod.vault.memory import Memory


def test_what_was_not_used_for_longest_goes_first() -> None:
    """Beyond its limit a memory keeps what was used last."""
    memory: Memory[str] = Memory(2)
    memory.put(("a", 1), "one")
    memory.put(("a", 2), "two")
    assert memory.get(("a", 1)) == "one"
    memory.put(("b", 3), "three")
    assert [memory.get(key) for key in (("a", 1), ("a", 2), ("b", 3))] == ["one", None, "three"]


def test_costs_are_added_up() -> None:
    """A value that costs more than the limit is given back and not kept; one that is replaced frees what it cost."""
    memory: Memory[bytes] = Memory(10)
    assert memory.put(("a", "big"), b"x" * 11, cost=11) == b"x" * 11
    assert memory.get(("a", "big")) is None
    for _ in range(5):
        memory.put(("a", "same"), b"x" * 6, cost=6)
    memory.put(("a", "other"), b"y" * 4, cost=4)
    assert memory.get(("a", "same")) is not None
    assert memory.get(("a", "other")) is not None


def test_a_pod_is_forgotten_and_no_other() -> None:
    """What is kept of a pod goes at once; the rest stays."""
    memory: Memory[int] = Memory(10)
    for pod in ("a", "b"):
        for n in range(3):
            memory.put((pod, n), n + 1)
    memory.forget("a")
    memory.forget("a")
    assert [memory.get(("a", n)) for n in range(3)] == [None] * 3
    assert [memory.get(("b", n)) for n in range(3)] == [1, 2, 3]
