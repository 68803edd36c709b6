"""What a body that only assists may record by plain SQL: its own steps, once, nothing of the lead's."""

import pytest
from sqlalchemy.exc import DBAPIError

from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from domain.events import Dispatched, ReturnedAsWrong, Signed
from domain.people import Role
from domain.rights import Reason
from tests.data_access.gate.conftest import SignIn
from tests.data_access.gate.test_recording import record, refusal, take


def refused(store: Store, number: str, kind: str, data: str = "{}") -> str:
    with pytest.raises(DBAPIError) as error:
        record(store, f"ticket/{number}", kind, data)
    return refusal(error).partition(" ")[0]


def test_it_ends_its_own_clock_and_never_the_leads(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    lead, helper = bodies
    duty, assisting = sign_in(Role.DUTY), sign_in(Role.HANDLER, helper)
    assert refused(assisting, "T-1", "Signed") == Reason.OTHER_BODY
    take(duty, "T-1", Dispatched(lead, (helper,)))
    take(assisting, "T-1", Signed())
    assert refused(assisting, "T-1", "Signed") == Reason.NOT_TO_DO
    for kind, data in (("FedBack", '{"by":"电话"}'), ("Filed", '{"document":"立〔2026〕1"}')):
        assert refused(assisting, "T-1", kind, data) == Reason.NOT_TO_DO
    # The lead's own is still to be done, and its own only.
    take(sign_in(Role.HANDLER, lead), "T-1", Signed())
    take(assisting, "T-1", ReturnedAsWrong("与本单位无关"))
    assert refused(assisting, "T-1", "Arrived") in (Reason.OTHER_BODY, Reason.NOT_TO_DO)
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_a_policy_without_such_clocks_leaves_the_steps_to_the_holder(
    city: Store, sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    lead, helper = bodies
    city.write(lambda c: c.exec_driver_sql("DELETE FROM policy WHERE family = 'standard' AND version = 2"))
    take(sign_in(Role.DUTY), "T-1", Dispatched(lead, (helper,)))
    assert refused(sign_in(Role.HANDLER, helper), "T-1", "Signed") == Reason.OTHER_BODY
