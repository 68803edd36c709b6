"""Several orders, one after the other: each in a transaction and with a request id of its own.

Blocking: call from a worker thread.
"""

from collections.abc import Iterator
from typing import Any

from data_access.errors import StoreError
from data_access.store import Store
from desktop import time
from desktop.use_cases.by_draft import carry_out
from domain.batch import BatchDraft, Outcome
from domain.people import Actor
from domain.rights import RefusedError


def carry_out_each(store: Store, batch: BatchDraft, actor: Actor) -> tuple[Outcome, ...]:
    """Carry out the orders of a batch; return what became of each, in their order.

    Once the store is away the rest is not tried: it is told as not written, and may be given again.
    """
    return tuple(_outcomes(store, batch.orders, actor))


def _outcomes(store: Store, orders: tuple[Any, ...], actor: Actor) -> Iterator[Outcome]:
    away = False
    for order in orders:
        if away:
            yield Outcome(order.request_id, written=False)
            continue
        try:
            carry_out(store, order, actor, time.now())
        except RefusedError as refusal:
            yield Outcome(order.request_id, refusal)
        except StoreError:
            away = True
            yield Outcome(order.request_id, written=False)
        else:
            yield Outcome(order.request_id)
