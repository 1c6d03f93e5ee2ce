"""
How values become JSON and come back, by their types; strict both ways, so that one value has one form.

Whatever is not exactly what was written raises ``ValueError`` or ``TypeError``; ``codec`` says what that means.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import UnionType
from typing import Never, cast, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from ..domain.credential import WITHHELD, Credential, Mark, Withheld
from .canonical import LARGEST, Json
from .names import CLASSES

Members = dict[str, Json]
Reading = Callable[[object, object], object]
Writing = Callable[[object], object]

TYPE = "type"
_MARKED = frozenset({"mark"})
_MARK = frozenset({"key", "digest"})
_MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=256)
def written_moment(moment: datetime) -> str:
    """
    Return *moment* as ``2026-11-24T10:00:00.000000Z``; such texts sort as the moments do.

    A connection's few moments are written again in each of its rows, and so they are remembered.

    Raises:
        ValueError: it is not aware of its zone.
    """
    if moment.tzinfo is None:
        problem = "a moment without a zone"
        raise ValueError(problem)
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def read_moment(value: object, _: object = datetime) -> datetime:
    """
    Return the moment that was written.

    Raises:
        ValueError: it was not written by ``written_moment``.
    """
    return _read_moment(as_text(value))


@lru_cache(maxsize=256)
def _read_moment(text: str) -> datetime:
    """Return the moment that was written; a few are read again and again."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    if written_moment(moment) != text:
        problem = "a moment in another form"
        raise ValueError(problem)
    return moment


def _written_span(span: timedelta) -> int:
    return _written_number(span // _MICROSECOND)


def _read_span(value: object, _: object) -> timedelta:
    return as_number(value) * _MICROSECOND


def _written_fraction(_: float) -> Never:
    """Refuse what no state, event or record holds, and what has more than one short form in JSON."""
    problem = "a number that is not whole"
    raise TypeError(problem)


def _written_number(number: int) -> int:
    """Refuse a number that other readers of JSON would round."""
    if abs(number) > LARGEST:
        problem = "a number beyond 2**53"
        raise ValueError(problem)
    return number


def _written_credential(credential: Credential) -> Members:
    """Write the mark; a secret that nobody withheld is a mistake that must not reach a disk."""
    if not isinstance(credential.value, Withheld):
        problem = "a credential must be redacted before it is written"
        raise TypeError(problem)
    return {"mark": {"key": credential.mark.key, "digest": credential.mark.digest}}


def _read_credential(value: object, _: object) -> Credential:
    mark = as_members(as_members(value, _MARKED)["mark"], _MARK)
    return Credential(WITHHELD, Mark(as_text(mark["key"]), as_text(mark["digest"])))


def as_text(value: object, _: object = str) -> str:
    """Return *value*, which must be text."""
    if type(value) is not str:
        problem = "not a text"
        raise TypeError(problem)
    return value


def as_number(value: object, _: object = int) -> int:
    """Return *value*, which must be a whole number that every reader of JSON reads alike."""
    if type(value) is not int:
        problem = "not a whole number"
        raise TypeError(problem)
    return _written_number(value)


def as_members(value: object, names: frozenset[str]) -> Members:
    """Return *value* as an object that has exactly the members *names*."""
    if type(value) is not dict or value.keys() != names:
        problem = "not an object with exactly these members"
        raise TypeError(problem)
    return cast("Members", value)


def _is_tuple(annotation: object) -> bool:
    return get_origin(annotation) is tuple


def _is_union(annotation: object) -> bool:
    return isinstance(annotation, UnionType)


def _reading(annotation: object) -> Reading:
    """Return how values of a type are read, so that this is not looked for with each value."""
    return cast("Reading", CONVERTER.get_structure_hook(annotation))


def _reading_tuple(annotation: object) -> Reading:
    """Read a list, and nothing else that could be walked through, as a tuple of one kind of item."""
    kind = get_args(annotation)[0]
    read_item = _reading(kind)

    def read(value: object, _: object) -> object:
        if type(value) is not list:
            problem = "not a list"
            raise TypeError(problem)
        items = cast("list[object]", value)
        return tuple([read_item(item, kind) for item in items])

    return read


def _name_in(value: object) -> object:
    """Return the name that a value says; nothing for what says none."""
    return cast("Members", value).get(TYPE) if type(value) is dict else None


def _reading_union(annotation: object) -> Reading:
    """Read what says its own name as that class; a text, or a credential, is told by its shape."""
    named = {CLASSES[kind]: (_reading(kind), kind) for kind in get_args(annotation) if kind in CLASSES}
    nameless = tuple((_reading(kind), kind) for kind in get_args(annotation) if kind not in CLASSES)

    def read(value: object, _: object) -> object:
        name = _name_in(value)
        ways = nameless if name is None else (named[as_text(name)],)
        if not ways:
            problem = "an object without a name"
            raise TypeError(problem)
        read_kind, kind = ways[0]
        return read_kind(value, kind)

    return read


def _reading_class(annotation: object) -> Reading:
    """Read an object that has every member of the class and no other, even if the class has defaults for them."""
    kind = cast("type[attrs.AttrsInstance]", annotation)
    inner = make_dict_structure_fn(kind, CONVERTER, _cattrs_forbid_extra_keys=False)
    fields = frozenset(field.name for field in attrs.fields(kind))
    name = CLASSES.get(kind)
    if name is None:
        return lambda value, _: inner(as_members(value, fields), kind)
    members = fields | {TYPE}

    def read(value: object, _: object) -> object:
        found = as_members(value, members)
        if found[TYPE] != name:
            problem = "an object of another class"
            raise TypeError(problem)
        return inner(found, kind)

    return read


def _writing_class(annotation: object) -> Writing:
    """Write an object with every member of the class, and with its name if it is one of those that say it."""
    kind = cast("type[attrs.AttrsInstance]", annotation)
    inner = cast("Callable[[object], Members]", make_dict_unstructure_fn(kind, CONVERTER))
    name = CLASSES.get(kind)
    return inner if name is None else lambda value: {TYPE: name, **inner(value)}


def _has_fields(annotation: object) -> bool:
    return isinstance(annotation, type) and attrs.has(annotation)


def _made() -> Converter:
    """Return the converter; the hook that was registered last is asked first."""
    made = Converter(detailed_validation=False, forbid_extra_keys=True)
    made.register_structure_hook_factory(_has_fields, _reading_class)
    made.register_unstructure_hook_factory(_has_fields, _writing_class)
    made.register_structure_hook_factory(_is_tuple, _reading_tuple)
    made.register_structure_hook_factory(_is_union, _reading_union)
    made.register_structure_hook(Credential, _read_credential)
    made.register_unstructure_hook(Credential, _written_credential)
    made.register_structure_hook(str, as_text)
    made.register_structure_hook(int, as_number)
    made.register_unstructure_hook(int, _written_number)
    made.register_unstructure_hook(float, _written_fraction)
    made.register_structure_hook(datetime, read_moment)
    made.register_unstructure_hook(datetime, written_moment)
    made.register_structure_hook(timedelta, _read_span)
    made.register_unstructure_hook(timedelta, _written_span)
    return made


CONVERTER = _made()
