"""`make smuggling` in short: mutated requests, judged by an origin that reads as every server does."""

import asyncio
from collections.abc import Callable
from typing import Any

from bench.smuggling.mutating import SEEDS, cases
from bench.smuggling.origin import Judgement
from bench.smuggling.running import origin, run

Start = Callable[..., Any]
CASES = 5 * len(SEEDS)


async def test_nothing_that_is_sent_on_can_be_read_in_two_ways(shop: Start) -> None:
    judgement = Judgement()
    oracle = await origin(judgement)
    port = oracle.sockets[0].getsockname()[1]
    async with shop(b"", site={"origin": f"http://127.0.0.1:{port}"}) as s:
        tallies = await run(s.plane.port, cases(CASES, 7), judgement)
        await asyncio.sleep(0.1)  # what is broken off is judged when its connection ends
    oracle.close()
    assert sum(tally.cases for tally in tallies.values()) == CASES
    assert judgement.requests > CASES / 10
    assert judgement.findings == []
    assert [tally.foreign for tally in tallies.values() if tally.foreign] == []
