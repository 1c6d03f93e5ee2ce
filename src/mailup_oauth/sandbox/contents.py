"""Puts what the API tells into MailUp's members and order; mailup-wire.md section 11, and ours where it is silent."""

from typing import Final, assert_never

from .accounts import AutoRenewal, MailingList, MailUpUser, Recipient, Trial
from .replies import Content, DetailsTold, InfoTold, ListsTold, Page, RecipientsTold
from .trees import Several, Tree

_ROOTS: Final = {
    InfoTold: "ConsoleCurrentAuthenticatedUserInfo",
    DetailsTold: "ConsoleCurrentAuthenticatedUserDetails",
    ListsTold: "ConsoleLists",
    RecipientsTold: "ConsoleRecipients",
}
"""The elements that hold all the rest in XML; the first is MailUp's, from omniauth-mailup, the others are ours."""


def root(content: Content) -> str:
    """Return the name of *content* in XML."""
    return _ROOTS[type(content)]


def tree(content: Content) -> Tree:
    """Return *content* as members, in MailUp's order, which is that of the alphabet."""
    match content:
        case InfoTold(user):
            return _info(user)
        case DetailsTold(user):
            return dict(sorted({**_info(user), **_more(user)}.items()))
        case ListsTold(page):
            return _page(page, Several("ConsoleList", tuple(_list(one) for one in page.items)))
        case RecipientsTold(page):
            return _page(page, Several("ConsoleRecipient", tuple(_recipient(one) for one in page.items)))
        case _ as never:
            assert_never(never)


def _info(user: MailUpUser) -> dict[str, Tree]:
    return {
        "AccountName": user.account_name,
        "Company": user.company,
        "ExpiryDate": user.expiry_date,
        "IsTrial": user.trial is Trial.YES,
        "UID": user.uid,
        "Url": user.url,
        "Username": user.username,
        "Version": user.version,
    }


def _more(user: MailUpUser) -> dict[str, Tree]:
    credits_by_list = tuple[Tree, ...]({"Credit": one.credit, "ListId": one.id} for one in user.lists)
    return {
        "AutoRenewal": user.auto_renewal is AutoRenewal.ON,
        "CreditsByList": Several("ConsoleCredit", credits_by_list),
        "Email": user.email,
        "Lang": user.lang,
        "Plan": user.plan,
        "TotalCredits": sum(one.credit for one in user.lists),
    }


def _page(page: Page[MailingList] | Page[Recipient], items: Several) -> dict[str, Tree]:
    return {
        "IsPaginated": page.total > page.paging.size,
        "Items": items,
        "PageNumber": page.paging.number,
        "PageSize": page.paging.size,
        "Skipped": page.skipped,
        "TotalElementsCount": page.total,
    }


def _list(one: MailingList) -> Tree:
    return {
        "Company": one.company,
        "Description": one.description,
        "IdList": one.id,
        "ListGuid": one.guid,
        "Name": one.name,
    }


def _recipient(one: Recipient) -> Tree:
    fields = tuple[Tree, ...]({"Description": of.description, "Id": of.id, "Value": of.value} for of in one.fields)
    return {
        "Email": one.email,
        "Fields": Several("ConsoleField", fields),
        "MobileNumber": one.mobile_number,
        "MobilePrefix": one.mobile_prefix,
        "Name": one.name,
        "idRecipient": one.id,
    }
