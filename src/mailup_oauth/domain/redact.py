"""Taking the secrets out of any value, leaving their marks, and putting them back; it knows no key and no format."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TypeVar, cast, get_args

import attrs

from .credential import WITHHELD, Credential, Mark
from .errors import MailUpOAuthError
from .secret import Secret

T = TypeVar("T")

Vault = Mapping[str, Secret]
"""Secrets by the text of their marks."""


@attrs.frozen
class VaultIncomplete(MailUpOAuthError):
    """A vault does not hold the secret of a mark that it is asked for."""

    mark: Mark

    def __str__(self) -> str:
        return f"there is no secret for the mark {self.mark}"


def redact(value: T) -> T:
    """
    Return *value* with every secret in it withheld; the marks stay.

    It asks no key and commutes with evolution: ``redact(evolve(s, e)) == evolve(redact(s), redact(e))``.  What holds no
    secret is returned as it is.

    Source: architecture.md section 2, property 3; ADR 0004.
    """
    return cast("T", _replaced(value, _withheld))


def taken_apart(value: T) -> tuple[T, dict[str, Secret]]:
    """Return *value* redacted, and every secret that was in it; the same as ``redact`` and ``credentials``, in one go."""
    vault: dict[str, Secret] = {}

    def withheld(credential: Credential) -> Credential:
        if isinstance(credential.value, Secret):
            vault[str(credential.mark)] = credential.value
        return _withheld(credential)

    return cast("T", _replaced(value, withheld)), vault


def credentials(value: object) -> dict[str, Secret]:
    """Return every secret inside *value* by the text of its mark; what was withheld is not among them."""
    found = ((str(credential.mark), credential.value) for credential in _credentials(value))
    return {mark: secret for mark, secret in found if isinstance(secret, Secret)}


def marks(value: object) -> frozenset[str]:
    """Return the text of the mark of every credential inside *value*, withheld or not."""
    return frozenset(str(credential.mark) for credential in _credentials(value))


def restore(value: T, vault: Vault) -> T:
    """
    Return *value* with every withheld secret put back.

    Raises:
        VaultIncomplete: *vault* does not hold one of them.
    """

    def restored(credential: Credential) -> Credential:
        if isinstance(credential.value, Secret):
            return credential
        secret = vault.get(str(credential.mark))
        if secret is None:
            raise VaultIncomplete(credential.mark)
        return Credential(secret, credential.mark)

    return cast("T", _replaced(value, restored))


def _withheld(credential: Credential) -> Credential:
    """Return a credential without its secret."""
    return Credential(WITHHELD, credential.mark) if isinstance(credential.value, Secret) else credential


def _replaced(value: object, deed: Callable[[Credential], Credential]) -> object:
    """Return *value* with *deed* done to each credential in it; what is not changed is not copied."""
    if isinstance(value, Credential):
        return deed(value)
    if isinstance(value, tuple):
        before = cast("tuple[object, ...]", value)
        after = tuple([_replaced(item, deed) for item in before])
        return after if any(new is not old for new, old in zip(after, before, strict=True)) else before
    changes: dict[str, object] = {}
    kind: type = type(value)
    for name in _bearing(kind):
        old: object = getattr(value, name)
        new = _replaced(old, deed)
        if new is not old:
            changes[name] = new
    return _changed(value, changes) if changes else value


def _changed(value: object, changes: dict[str, object]) -> object:
    """Return *value* with other members in some places; ``attrs.evolve`` takes twice as long."""
    kind: type = type(value)
    for name in _names(kind):
        if name not in changes:
            changes[name] = getattr(value, name)
    return kind(**changes)


def _credentials(value: object) -> list[Credential]:
    """Return each credential in *value*, from left to right."""
    if isinstance(value, Credential):
        return [value]
    inside: Iterable[object]
    if isinstance(value, tuple):
        inside = cast("tuple[object, ...]", value)
    else:
        kind: type = type(value)
        inside = [getattr(value, name) for name in _bearing(kind)]
    return [credential for part in inside for credential in _credentials(part)]


@cache
def _names(kind: "type[attrs.AttrsInstance]") -> tuple[str, ...]:
    """Return the names of all fields of *kind*."""
    return tuple(field.name for field in attrs.fields(kind))


@cache
def _bearing(kind: type) -> tuple[str, ...]:
    """Return the names of the fields of *kind* that can hold a credential, however deep."""
    fields = attrs.fields(kind) if attrs.has(kind) else ()
    return tuple(field.name for field in fields if _can_bear(field.type))


def _can_bear(annotation: object) -> bool:
    """Say whether a value of this type can hold a credential: it is one, or one of its parts can."""
    if isinstance(annotation, type) and attrs.has(annotation):
        return annotation is Credential or bool(_bearing(annotation))
    return any(_can_bear(part) for part in get_args(annotation))
