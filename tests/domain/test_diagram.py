"""The pictures: what is drawn of a table, and what is not."""

from mailup_oauth.domain import diagram
from mailup_oauth.domain.transitions import ATTEMPT_TABLE, STATE_TABLE, WORK_TABLE, Gone, Impossible


class Begin:
    """Where the little table begins."""


class End:
    """Where it ends."""


class Go:
    """Leads on."""


class Jump:
    """Leads on as well."""


class Stay:
    """Leads nowhere."""


LITTLE = {
    Begin: {Go: End, Jump: End, Stay: Begin},
    End: {Go: Impossible, Jump: Gone, Stay: Impossible},
}
DRAWN = """\
stateDiagram-v2
    direction LR
    [*] --> Begin
    Begin --> End: Go<br/>Jump
    End --> [*]: Jump
"""


def test_what_leads_elsewhere_is_drawn_and_nothing_else():
    """Events between the same two places share an arrow; what stays, or cannot happen, has none."""
    assert DRAWN == diagram.mermaid(LITTLE, begins=Begin)


def test_the_three_pictures_are_of_the_three_tables():
    """Each is drawn from its own table, and begins where its life begins."""
    drawn = [diagram.state_diagram(), diagram.attempt_diagram(), diagram.work_diagram()]
    begins = ["Unregistered", "AwaitingCallback", "Idle"]

    assert [f"    [*] --> {name}" for name in begins] == [text.splitlines()[2] for text in drawn]
    for text, table in zip(drawn, (STATE_TABLE, ATTEMPT_TABLE, WORK_TABLE), strict=True):
        assert all(f"    {origin.__name__} --> " in text for origin in table)
