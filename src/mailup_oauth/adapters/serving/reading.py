"""Plain data, out of a file, a request or a form, into the sandbox's values; it tells all that is wrong at once."""

import enum
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final, TypeVar, cast, get_args, get_origin

import attrs
from attrs import frozen
from cattrs import AttributeValidationNote, BaseValidationError, Converter, ForbiddenExtraKeysError
from cattrs.cols import homogenous_tuple_structure_factory
from cattrs.errors import IterableValidationNote
from cattrs.gen import make_dict_structure_fn

from ...domain.secret import Secret
from ...sandbox.commands import PlanFault
from ...sandbox.desk import words
from ...sandbox.desk.telling import kind
from ...sandbox.faults import Fault, Target
from ...sandbox.scenario import Beginning, From
from ...sandbox.switches import OldRefresh, RefreshLife, Wait

Read = TypeVar("Read")
Hook = Callable[[object, object], object]
Table = dict[str, object]

FAULTS: Final[dict[str, type[Fault]]] = {kind(one): one for one in get_args(Fault)}
"""Every fault by its word, such as ``hang-up``."""
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}")


@frozen
class Problem:
    """What is wrong, and where: *key* is a path such as ``users[1].contract``, or empty for the whole."""

    key: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.key or 'the whole'} {self.sentence}"


@frozen
class NotUnderstood(Exception):
    """Something that was written for the sandbox cannot be read; *source* says where it stands."""

    source: str
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n".join(f"{self.source}: {one}" for one in self.problems)


@frozen
class _Wrong(ValueError):
    """One member is wrong; *key* leads on from where it is raised."""

    key: str
    sentence: str


def read(given: object, into: type[Read], source: str) -> Read:
    """
    Return what *given* says, as a value of the class *into*.

    Raises:
        NotUnderstood: with every problem that was found; it repeats no value, for that may be a secret.
    """
    try:
        return _CONVERTER.structure(given, into)
    except (BaseValidationError, ValueError) as error:
        problems = tuple(_problems(error, ""))
    raise NotUnderstood(source, problems)


def _problems(error: BaseException, path: str) -> Iterator[Problem]:
    match error:
        case ForbiddenExtraKeysError():
            known = ", ".join(sorted(one.name for one in attrs.fields(error.cl) if one.init)) or "none"
            for name in sorted(error.extra_fields):
                yield Problem(_joined(path, name if _KEY.fullmatch(name) else "?"), f"is not known; there are {known}")
        case BaseValidationError():
            for one in error.exceptions:
                yield from _problems(one, _below(path, one))
        case _Wrong(key, sentence):
            yield Problem(_joined(path, key), sentence)
        case KeyError():
            yield Problem(path, "is missing")
        case words.NotAWord():
            yield Problem(path, str(error))
        case _:  # a validator's
            yield Problem(path, str(error.args[0]))


def _below(path: str, error: BaseException) -> str:
    match getattr(error, "__notes__", ()):
        case [AttributeValidationNote() as note, *_]:
            return _joined(path, note.name)
        case [IterableValidationNote() as note, *_]:
            return f"{path}[{note.index}]"
        case _:
            return path


def _joined(path: str, key: str) -> str:
    return ".".join(part for part in (path, key) if part)


def _text(value: object, _: object = None) -> str:
    if not isinstance(value, str):
        raise _Wrong("", "must be text")
    return value


def _secret(value: object, _: object) -> Secret:
    if not _text(value):
        raise _Wrong("", "must not be empty")
    return Secret(_text(value))


def _number(value: object, _: object) -> int:
    """Take a whole number, also as text: that is how forms write it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    raise _Wrong("", "must be a whole number")


def _moment(value: object, _: object) -> Beginning:
    try:
        return From(value if isinstance(value, datetime) else datetime.fromisoformat(_text(value)))
    except ValueError:
        sentence = "must be a moment with its offset, before the year 9000, such as 2030-01-01T12:00:00Z"
        raise _Wrong("", sentence) from None


def _planned(value: object, _: object) -> PlanFault:
    """Read a fault with its target beside it: ``kind`` says which class, and the other members are that class's."""
    members = dict(_table(value))
    target, name = members.pop("target", "token"), members.pop("kind", "")
    if not isinstance(name, str) or name not in FAULTS:
        raise _Wrong("kind", str(words.NotAWord(tuple(FAULTS))))
    try:
        where = words.choices(Target).read(str(target))
    except words.NotAWord as wrong:
        raise _Wrong("target", str(wrong)) from None
    return PlanFault(where, _CONVERTER.structure(members, FAULTS[name]))


def _table(value: object) -> Table:
    if not isinstance(value, dict):
        raise _Wrong("", "must be a table")
    return cast("Table", value)


def _reading_class(annotation: object) -> Hook:
    inner = make_dict_structure_fn(cast("type[attrs.AttrsInstance]", annotation), _CONVERTER)
    return lambda value, _: inner(_table(value), annotation)


def _reading_tuple(annotation: object) -> Hook:
    inner = homogenous_tuple_structure_factory(cast("type[tuple[object, ...]]", annotation), _CONVERTER)

    def read_list(value: object, _: object) -> object:
        if not isinstance(value, list):
            raise _Wrong("", "must be a list")
        return inner(cast("list[object]", value), annotation)

    return read_list


def _reading_word(vocabulary: words.Vocabulary[Read]) -> Callable[[object, object], Read]:
    return lambda value, _: vocabulary.read(str(value))


def _reading_enum(annotation: object) -> Hook:
    return _reading_word(words.choices(cast("type[enum.Enum]", annotation)))


def _has_fields(annotation: object) -> bool:
    return isinstance(annotation, type) and attrs.has(annotation)


def _is_tuple(annotation: object) -> bool:
    return get_origin(annotation) is tuple


def _is_enum(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, enum.Enum)


def _made() -> Converter:
    """Return the converter; the hook that was registered last is asked first."""
    made = Converter(forbid_extra_keys=True)
    made.register_structure_hook_factory(_has_fields, _reading_class)
    made.register_structure_hook_factory(_is_enum, _reading_enum)
    made.register_structure_hook_factory(_is_tuple, _reading_tuple)
    made.register_structure_hook(OldRefresh, _reading_word(words.OLD_REFRESH))
    made.register_structure_hook(RefreshLife, _reading_word(words.REFRESH_LIFE))
    made.register_structure_hook(Wait, _reading_word(words.WAIT))
    made.register_structure_hook(Beginning, _moment)
    made.register_structure_hook(PlanFault, _planned)
    made.register_structure_hook(timedelta, lambda value, _: words.read_span(str(value)))
    made.register_structure_hook(str, _text)
    made.register_structure_hook(Secret, _secret)
    made.register_structure_hook(int, _number)
    return made


_CONVERTER: Final = _made()
