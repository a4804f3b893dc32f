"""Whom: `who = { … }` of an experience and the rules of a segment, as data (DESIGN 14).

Forms: `logged_in = true`, `segment = "at_risk"`, `has = ["first_name"]`, `likes = ["Jazz", "Hip hop"]`,
`orders = { gte = 1 }`, `silent_for = "2x usual_gap"`; lists `all` and `any` of such tables. Which fields there are is
not known here: `visitors` owns them and the check of the whole configuration asks it.
"""

from typing import get_args

from config.settings import Condition, Operator, TomlValue, Who
from config.tables import Table, kind_of, nearest
from config.values import duration_s, usual_gaps

OPERATORS: tuple[Operator, ...] = get_args(Operator)

_LISTS: tuple[Operator, ...] = ("in", "has", "contains", "ne", "eq")
_ORDERED: tuple[Operator, ...] = ("gt", "gte", "lt", "lte")


def read_who(table: Table) -> Who:
    """The conditions of a table; what stands beside `all` and `any` belongs to `all`."""
    every = _listed(table, "all")
    either = _listed(table, "any")
    return Who(tuple(_conditions(table)) + every, either)


def _listed(table: Table, key: str) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    inner_tables = table.tables(key)
    for inner in inner_tables:
        found = _conditions(inner)
        if key == "any" and len(found) > 1:
            inner.problem(None, 'in "any" each table is one condition; several at once make a segment of their own')
        conditions += found
    if key in table and not inner_tables:
        table.problem(key, "must hold at least one condition")
    return tuple(conditions)


def _conditions(table: Table) -> list[Condition]:
    conditions: list[Condition] = []
    for name, value in table.rest().items():
        if name == "trait" and isinstance(value, dict):  # trait.genre = "jazz" is a table in a table
            for trait, answer in value.items():
                dotted = f"trait.{trait}"
                if isinstance(answer, dict):
                    conditions += _compared(table, dotted, answer)
                elif condition := _condition(table, dotted, _bare_operator(dotted, answer), answer):
                    conditions.append(condition)
        elif isinstance(value, dict):
            conditions += _compared(table, name, value)
        elif condition := _condition(table, name, _bare_operator(name, value), value):
            conditions.append(condition)
    return conditions


def _bare_operator(name: str, value: TomlValue) -> Operator:
    if name == "has":
        return "has"
    return "in" if isinstance(value, list) else "eq"


def _compared(table: Table, name: str, operators: dict[str, TomlValue]) -> list[Condition]:
    if not operators:
        table.problem(name, f"needs an operator: {', '.join(OPERATORS)}")
    conditions = []
    for word, value in operators.items():
        operator = next((known for known in OPERATORS if known == word), None)
        if operator is None:
            table.log.add((*table.path, name, word), f"unknown operator{nearest(word, OPERATORS)}")
        elif condition := _condition(table, name, operator, value):
            conditions.append(condition)
    return conditions


def _condition(table: Table, name: str, operator: Operator, value: TomlValue) -> Condition | None:
    match value:
        case bool():
            if operator in _ORDERED:
                table.problem(name, f'"{operator}" does not compare true and false')
                return None
            return Condition(name, operator, value)
        case int() | float():
            return Condition(name, operator, value)
        case str():
            return _texted(table, name, operator, value)
        case list():
            return _several(table, name, operator, value)
        case _:
            table.problem(name, f"must be a value or an operator table, not {kind_of(value)}")
            return None


def _several(table: Table, name: str, operator: Operator, value: list[TomlValue]) -> Condition | None:
    if operator not in _LISTS:
        table.problem(name, f'"{operator}" compares with one value, not with an array')
    elif not value or not all(isinstance(item, str) and item for item in value):
        table.problem(name, "must be an array of texts")
    else:
        return Condition(name, operator, tuple(str(item) for item in value))
    return None


def _texted(table: Table, name: str, operator: Operator, value: str) -> Condition | None:
    if (factor := usual_gaps(value)) is not None:
        return Condition(name, operator, 0.0, usual_gaps=factor)
    # Only durations are compared by size as texts, and only their fields end in _for.
    if operator in _ORDERED or name.endswith("_for"):
        try:
            return Condition(name, operator, duration_s(value))
        except ValueError as error:
            table.problem(name, f'{error}, "2x usual_gap"')
            return None
    if not value:
        table.problem(name, "must not be empty")
        return None
    if operator == "has":
        return Condition(name, operator, (value,))
    return Condition(name, operator, value)
