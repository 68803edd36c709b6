"""Every refusal is told in words: what is wrong, and of what."""

import pytest

from domain.nodes import Node
from domain.people import Role
from domain.rights import ABOUT_NODES, Reason, RefusedError
from widgets.refusals import refusal_text
from widgets.wording import node_name


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    detail = Node.PENALISE.value if reason in ABOUT_NODES else "某某"
    said = refusal_text(RefusedError(reason, detail, (Role.DUTY,)))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said)
    assert not set(said) & set("{}")
    assert "_" not in reason.value or reason.value not in said
    if reason in ABOUT_NODES:
        assert node_name(Node.PENALISE) in said
