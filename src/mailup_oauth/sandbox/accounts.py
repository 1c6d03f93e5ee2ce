"""Who and what is at MailUp before anything happens: applications, users, their lists; no token is known here."""

import enum

from attrs import frozen

from ..domain.secret import Secret


@frozen(kw_only=True)
class Application:
    """
    An application with its keys.

    Attributes:
        redirect_uris: Compared only under ``RedirectCheck.LIST``; MailUp registers none.
    """

    client_id: str
    client_secret: Secret
    name: str
    redirect_uris: tuple[str, ...] = ()


@enum.unique
class Contract(enum.Enum):
    """Whether a user has accepted MailUp's terms of service."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"


@enum.unique
class Trial(enum.Enum):
    """Whether an account is on trial."""

    NO = "no"
    YES = "yes"


@enum.unique
class AutoRenewal(enum.Enum):
    """Whether an account's plan goes on by itself."""

    OFF = "off"
    ON = "on"


@enum.unique
class Subscription(enum.Enum):
    """Whether a recipient gets what is sent to a list; the value is the last word of the list's address."""

    SUBSCRIBED = "Subscribed"
    UNSUBSCRIBED = "Unsubscribed"
    PENDING = "Pending"


@frozen(kw_only=True)
class RecipientField:
    """One thing that is known of a recipient, such as a first name."""

    id: int
    description: str
    value: str


@frozen(kw_only=True)
class Recipient:
    """Somebody on a list."""

    id: int
    email: str
    name: str = ""
    mobile_prefix: str = ""
    mobile_number: str = ""
    fields: tuple[RecipientField, ...] = ()
    subscription: Subscription = Subscription.SUBSCRIBED


@frozen(kw_only=True)
class MailingList:
    """A list of a user's; *credit* is what ``Authentication/Details`` says is left for it."""

    id: int
    name: str
    description: str = ""
    company: str = ""
    guid: str = ""
    credit: int = 0
    recipients: tuple[Recipient, ...] = ()


@frozen(kw_only=True)
class MailUpUser:
    """A user who can log on; what is told of them is what mailup-wire.md section 11 lists."""

    username: str
    password: Secret
    uid: str
    company: str = "Example Srl"
    account_name: str = ""
    expiry_date: str = "2030-01-31 00:00:00.000"
    trial: Trial = Trial.NO
    url: str = "https://a1b2.emailsp.example"
    version: str = "9.0.0"
    contract: Contract = Contract.SIGNED
    email: str = ""
    lang: str = "en"
    plan: str = ""
    auto_renewal: AutoRenewal = AutoRenewal.OFF
    lists: tuple[MailingList, ...] = ()
