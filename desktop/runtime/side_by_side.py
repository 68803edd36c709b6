"""Work side by side on whatever loop runs, a thread's own too; nothing of it outlives the call."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any


async def side_by_side(until: Awaitable[object], *work: Coroutine[Any, Any, None]) -> None:
    """Let work go on until something has happened; then it is cancelled, and waited for.

    Raises:
        ExceptionGroup: some of it failed; the others were cancelled.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
        await until
        for task in tasks:
            task.cancel()
