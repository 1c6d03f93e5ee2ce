"""What a sandbox begins with, as one frozen value; where it is written down is not known here."""

from datetime import UTC, datetime
from typing import Final

from attrs import Attribute, field, frozen

from ..domain.secret import Secret
from .accounts import Application, MailingList, MailUpUser, Recipient, RecipientField, Subscription
from .faults import Fault, Target
from .switches import DOCUMENTED, Switches

LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""How far MailUp's clock can be moved: no life that is counted from here runs over the end of the calendar."""


@frozen
class WithTheSystem:
    """MailUp's clock shows what the system's does."""


def _a_moment(_: object, attribute: "Attribute[datetime]", moment: datetime) -> None:
    if moment.tzinfo is None or moment > LATEST:
        problem = f"'{attribute.name}' must have an offset from UTC, and not be later than the year 9000"
        raise ValueError(problem)


@frozen
class From:
    """MailUp's clock begins at *moment* and goes on at the system's pace."""

    moment: datetime = field(validator=_a_moment)


Beginning = WithTheSystem | From
"""What MailUp's clock shows at first."""


@frozen(kw_only=True)
class Scenario:
    """
    A MailUp in which nothing has happened yet.

    Attributes:
        faults: What the first requests will meet, in order.
    """

    applications: tuple[Application, ...] = ()
    users: tuple[MailUpUser, ...] = ()
    switches: Switches = DOCUMENTED
    faults: tuple[tuple[Target, Fault], ...] = ()
    begins: Beginning = field(factory=WithTheSystem)


_RECIPIENTS: Final = (
    Recipient(
        id=1, email="ada@example.com", name="Ada", fields=(RecipientField(id=1, description="FirstName", value="Ada"),)
    ),
    Recipient(id=2, email="bob@example.com", name="Bob", subscription=Subscription.PENDING),
    Recipient(id=3, email="eve@example.com", name="Eve", subscription=Subscription.UNSUBSCRIBED),
)
DEMONSTRATION: Final = Scenario(
    applications=(
        Application(
            client_id="11111111-2222-3333-4444-555555555555",
            client_secret=Secret("66666666-7777-8888-9999-000000000000"),
            name="Demonstration",
        ),
    ),
    users=(
        MailUpUser(
            username="m1234",
            password=Secret("demonstration"),
            uid="1234",
            email="m1234@example.com",
            plan="Demonstration",
            lists=(MailingList(id=1, name="Newsletter", company="Example Srl", credit=500, recipients=_RECIPIENTS),),
        ),
        MailUpUser(username="m5678", password=Secret("demonstration"), uid="5678", company="Second Srl"),
    ),
)
"""One application and two users, for whoever brings nothing; the secrets are invented and worth nothing."""
