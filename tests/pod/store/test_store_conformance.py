"""What every engine behind the `Database` protocol must do. An engine is added to ENGINES, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from werkpod.pod.errors import StoreFailure
from werkpod.pod.store import Database, Duplicate, ExpectationFailed, Statement, open_database

SCHEMA = "support.schemas.conformance"

ENGINES: dict[str, Callable[[Path], Database]] = {
    "sqlite": lambda folder: open_database(folder / "a.db", SCHEMA),
    "sqlite-not-durable": lambda folder: open_database(folder / "b.db", SCHEMA, durable=False),
}

ALL = "SELECT id FROM item WHERE pod = ?1 ORDER BY id"


@pytest.fixture(params=sorted(ENGINES))
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    opened = ENGINES[request.param](tmp_path)
    yield opened
    await opened.close()


def insert(identity: str, number: int = 0, *, pod: str = "p", rows: int | None = 1) -> Statement:
    return Statement("INSERT INTO item (pod, id, number) VALUES (?1, ?2, ?3)", (pod, identity, number), rows=rows)


def swap(identity: str, old: int, new: int) -> Statement:
    return Statement(
        "UPDATE item SET number = ?4 WHERE pod = ?1 AND id = ?2 AND number = ?3", ("p", identity, old, new), rows=1
    )


async def ids(database: Database) -> list[object]:
    return [row[0] for row in await database.fetch(ALL, "p")]


async def test_a_read_after_a_write_sees_it(database: Database) -> None:
    """A row is there for the first read that starts after its write returned."""
    for number in range(20):
        await database.write(insert(f"{number:02}"))
        assert len(await ids(database)) == number + 1


async def test_a_query_without_rows_gives_an_empty_sequence(database: Database) -> None:
    """No rows is an empty sequence, not an error."""
    assert len(await database.fetch(ALL, "nobody")) == 0


async def test_returning_gives_the_rows_of_each_statement_in_order(database: Database) -> None:
    """A unit answers with one sequence of rows for each statement, empty where it returned none."""
    returning = Statement("INSERT INTO item (pod, id, number) VALUES (?1, ?2, ?3) RETURNING id, number", ("p", "b", 7))
    first, second, third = await database.write(insert("a"), returning, Statement(ALL, ("p",)))
    assert (list(first), list(second), list(third)) == ([], [("b", 7)], [("a",), ("b",)])


async def test_a_parameter_can_be_used_twice(database: Database) -> None:
    """Parameters are numbered, so one value serves in several places."""
    await database.write(Statement("INSERT INTO item (pod, id, text) VALUES (?1, ?2, ?2)", ("p", "twice")))
    assert list(await database.fetch("SELECT text FROM item WHERE pod = ?1", "p")) == [("twice",)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    raw=st.none() | st.binary(max_size=5000),
    number=st.none() | st.integers(-(2**63), 2**63 - 1),
    ratio=st.none() | st.floats(allow_nan=False),
)
@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_values_come_back_as_they_went_in(
    engine: str, text: str | None, raw: bytes | None, number: int | None, ratio: float | None, tmp_path: Path
) -> None:
    """Text, bytes, 64-bit numbers, floats and NULL are returned with the same type and value."""

    async def round_trip() -> None:
        database = ENGINES[engine](tmp_path)
        try:
            values = ("p", "v", text, raw, number, ratio)
            await database.write(
                Statement("DELETE FROM item WHERE pod = ?1", ("p",)),
                Statement(
                    "INSERT INTO item (pod, id, text, bytes, number, ratio) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", values
                ),
            )
            (found,) = await database.fetch("SELECT * FROM item WHERE pod = ?1", "p")
            assert found == values
            assert [type(value) for value in found] == [type(value) for value in values]
        finally:
            await database.close()

    asyncio.run(round_trip())


async def test_a_missed_expectation_undoes_the_whole_unit(database: Database) -> None:
    """A statement that changes another number of rows than it said undoes what went before it, and is named."""
    await database.write(insert("a", 1))
    with pytest.raises(ExpectationFailed) as caught:
        await database.write(insert("b"), swap("a", 99, 2), insert("c"))
    assert caught.value.index == 1
    assert await ids(database) == ["a"]


async def test_an_expectation_of_no_rows_guards_a_unit(database: Database) -> None:
    """A query with `rows=0` in a unit lets it pass only where nothing is found."""
    nobody = Statement("SELECT id FROM item WHERE pod = ?1 AND number = ?2", ("p", 5), rows=0)
    await database.write(nobody, insert("a", 5))
    with pytest.raises(ExpectationFailed):
        await database.write(nobody, insert("b", 5))
    assert await ids(database) == ["a"]


async def test_a_key_that_exists_undoes_the_whole_unit(database: Database) -> None:
    """A row with the same key is a Duplicate that names the statement, and leaves nothing of the unit behind."""
    await database.write(insert("a", 1))
    with pytest.raises(Duplicate) as caught:
        await database.write(insert("b"), insert("a", 2))
    assert caught.value.index == 1
    assert list(await database.fetch("SELECT id, number FROM item WHERE pod = ?1", "p")) == [("a", 1)]


async def test_units_that_lose_do_not_disturb_those_committed_with_them(database: Database) -> None:
    """Of many units at once, exactly those that meet their expectations are there afterwards."""
    await database.write(insert("x", 0))
    kinds = {
        0: lambda n: [insert(f"good{n:03}")],
        1: lambda n: [insert(f"lost{n:03}"), swap("x", 99, 1)],
        2: lambda n: [insert(f"same{n:03}"), insert("x")],
        3: lambda n: [insert(f"wrong{n:03}"), Statement("INSERT INTO nowhere VALUES (1)")],
    }
    outcomes = await asyncio.gather(*(database.write(*kinds[n % 4](n)) for n in range(200)), return_exceptions=True)
    errors = [ExpectationFailed, Duplicate, StoreFailure]
    for place, outcome in enumerate(outcomes):
        assert isinstance(outcome, list if place % 4 == 0 else errors[place % 4 - 1])
    assert await ids(database) == [*(f"good{n:03}" for n in range(0, 200, 4)), "x"]


async def test_of_many_compare_and_swaps_one_wins(database: Database) -> None:
    """Of twenty callers that swap the same version, one succeeds and its value stays."""
    await database.write(insert("a", 0))
    outcomes = await asyncio.gather(*(database.write(swap("a", 0, n)) for n in range(1, 21)), return_exceptions=True)
    winners = [n for n, outcome in enumerate(outcomes, start=1) if not isinstance(outcome, BaseException)]
    assert len(winners) == 1
    assert list(await database.fetch("SELECT number FROM item WHERE pod = ?1", "p")) == [(winners[0],)]


async def test_writes_happen_in_the_order_in_which_they_were_asked(database: Database) -> None:
    """Of a hundred writes to one row without waiting between, the last one counts."""
    await database.write(insert("a", 0))
    await asyncio.gather(*(database.write(swap("a", n, n + 1)) for n in range(100)))
    assert list(await database.fetch("SELECT number FROM item WHERE pod = ?1", "p")) == [(100,)]


async def test_a_value_that_no_column_takes_is_an_error_of_that_unit_only(database: Database) -> None:
    """A number of more than 64 bits is refused, and the writes beside it succeed."""
    outcomes = await asyncio.gather(
        database.write(insert("a")),
        database.write(insert("b", 2**70)),
        database.write(insert("c")),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], StoreFailure)
    assert await ids(database) == ["a", "c"]


async def test_a_cancelled_caller_does_not_disturb_the_others(database: Database) -> None:
    """When one of several callers gives up, the others are answered."""
    tasks = [asyncio.ensure_future(database.write(insert(f"{n:02}"))) for n in range(30)]
    await asyncio.sleep(0)
    for task in tasks[::3]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    answered = {f"{n:02}" for n, outcome in enumerate(outcomes) if isinstance(outcome, list)}
    assert len(answered) >= 20
    assert answered <= set(await ids(database))


async def test_close_finishes_what_is_queued_and_may_be_called_twice(database: Database) -> None:
    """Writes that were asked before `close` are answered; afterwards nothing is taken any more."""
    tasks = [asyncio.ensure_future(database.write(insert(f"{n:02}"))) for n in range(50)]
    await asyncio.sleep(0)
    await database.close()
    await database.close()
    assert all(isinstance(outcome, list) for outcome in await asyncio.gather(*tasks))
    with pytest.raises(StoreFailure):
        await database.write(insert("late"))
    with pytest.raises(StoreFailure):
        await database.fetch(ALL, "p")


async def test_scrub_keeps_what_is_there(database: Database) -> None:
    """Scrubbing loses no row, also in the middle of writing."""
    await asyncio.gather(
        *(database.write(insert(f"a{n:02}")) for n in range(20)),
        database.scrub(),
        *(database.write(insert(f"b{n:02}")) for n in range(20)),
    )
    await database.scrub()
    assert len(await ids(database)) == 40
