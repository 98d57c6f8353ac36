from __future__ import annotations

import asyncio

from acuse.deliveries.lane.byte_budget import ByteBudget


def test_a_large_one_is_not_overtaken_for_ever_by_small_ones() -> None:
    order: list[str] = []

    async def hold(budget: ByteBudget, name: str, size: int, release: asyncio.Event) -> None:
        async with budget.hold(size):
            order.append(name)
            await release.wait()

    async def scenario() -> None:
        budget, release = ByteBudget(100), asyncio.Event()
        tasks = []
        for name, size in (("first", 60), ("large", 100), ("small", 10)):
            tasks.append(asyncio.create_task(hold(budget, name, size, release)))
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        assert order == ["first"]
        release.set()
        await asyncio.gather(*tasks)
        assert order == ["first", "large", "small"]

    asyncio.run(scenario())
