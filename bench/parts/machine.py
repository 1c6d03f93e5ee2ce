"""A refresh as a state machine sees it: the whole of it, what an event and a decision of ours cost, and what states are made of."""

import timing
from cases import machines, shapes
from report import Row, Section, row

OTHERS = {
    "automat": machines.of_automat,
    "automat, methodical": machines.of_automat_methodical,
    "transitions": machines.of_transitions,
    "python-statemachine": machines.of_python_statemachine,
}
"""Each makes the two moves of a refresh: to refreshing, and back."""

TOY = "the smallest machine of attrs"


def machine(rounds: int) -> list[Section]:
    """What a refresh costs a state machine."""
    deciding, decided = machines.deciding()
    folding, folded = machines.folding()
    cases = {
        "decide": deciding,
        "fold": folding,
        "move": machines.moving(),
        TOY: shapes.moved(shapes.SHAPES["attrs.frozen, slots"]),
        **{name: make() for name, make in OTHERS.items()},
    }
    found = timing.best(cases, number=20, rounds=rounds * 4)
    return [
        _whole(found),
        _faster(found, folded),
        _divided(found["fold"] / folded, found["move"] / folded, found["move"] / decided),
        _shapes(rounds),
    ]


def _whole(found: dict[str, float]) -> Section:
    rows = (
        row("mailup_oauth, decide and evolve", found["move"], "us"),
        row("mailup_oauth, deciding alone", found["decide"], "us"),
        row("mailup_oauth, evolving alone", found["fold"], "us"),
        *(row(name, found[name], "us") for name in (TOY, *OTHERS)),
    )
    remark = (
        "The same refresh for everybody, whole: two decisions and three events here; two moves of a label there, which "
        "decide nothing and carry nothing. The smallest machine is no peer: it moves the same way as ours, and is empty."
    )
    return Section(title="One refresh in the machine", rows=rows, remark=remark)


def _faster(found: dict[str, float], events: int) -> Section:
    whole, event = found["move"], found["move"] / events
    rows = (
        _times("transitions", found["transitions"] / whole, 2),
        _times("python-statemachine", found["python-statemachine"] / whole, 20),
        row("an event of ours beside a move of transitions", found["transitions"] / 2 / event, "x"),
        row("an event of ours beside a move of python-statemachine", found["python-statemachine"] / 2 / event, "x"),
    )
    remark = (
        "The goals are judged by the whole refresh, which is the same thing for all. The other two rows divide ours by "
        "its three events and theirs by its two moves: not the same thing, and no goal is judged by it."
    )
    return Section(title="How many times faster, per refresh", rows=rows, picture=False, remark=remark)


def _times(than: str, ratio: float, at_least: float) -> Row:
    return Row(what=f"than {than}", value=ratio, unit="x", goal=f"at least {at_least}", met=ratio >= at_least)


def _divided(fold: float, event: float, decision: float) -> Section:
    note = f"{1e6 / fold:,.0f}/s"
    rows = (
        row("evolve, for each of three events", fold, "us", at_most=2.5, goal="400,000 events/s", note=note),
        row("decide and evolve, for each of three events", event, "us", at_most=5, goal="at most 5 us"),
        row("decide and evolve, for each of two decisions", decision, "us", at_most=5, goal="at most 5 us"),
    )
    remark = "A transition can be counted as an event or as a decision with its events; the goal is asked of both."
    return Section(title="One move of mailup_oauth", rows=rows, picture=False, remark=remark)


def _shapes(rounds: int) -> Section:
    questions = {
        "construct": shapes.constructed,
        "change by its own function": shapes.changed,
        "change by the constructor": shapes.rebuilt,
        "decide and evolve, a transition": shapes.moved,
    }
    cases = {
        f"{name}: {asked}": ask(shape) for name, shape in shapes.SHAPES.items() for asked, ask in questions.items()
    }
    found = timing.best(cases, number=500, rounds=rounds * 2)
    costs = {name: cost / 2 if name.endswith("transition") else cost for name, cost in found.items()}
    rows = tuple(
        row(name, cost, "us", note=f"{1e6 / cost:,.0f}/s" if name.endswith("transition") else "")
        for name, cost in costs.items()
    )
    remark = "Five fields. The last row of each is a machine of two states that decides nothing real."
    return Section(title="What a state is made of", rows=rows, picture=False, remark=remark)
