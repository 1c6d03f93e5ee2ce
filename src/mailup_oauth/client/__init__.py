"""The facade: defaults are put together here, and refusals and failures become exceptions here."""

from .asynchronous import AsyncMailUpOAuth
from .sync import MailUpOAuth
from .values import Farewell, Status

__all__ = ["AsyncMailUpOAuth", "Farewell", "MailUpOAuth", "Status"]
