"""The gate: a second, independent engine proves that the spliced bytes mean what the edits meant.

`parse(splice(b)) == mutate(parse(b))`, on the real operation with the payload's real shape. Content put before
`</body>` is proven by isolation instead: without it, the rest must be as it was, since a parser moves white space that
follows `</body>`.
"""

from collections.abc import Mapping, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from transforms.page import escape
from transforms.page.assemble import assemble, in_order
from transforms.page.edits import Insert, Payload, Remove, Reorder, Replace, SetAttribute, SetText, Text
from transforms.page.locate import view_of
from transforms.page.plan import Plan


def passes(body: bytes, plans: Sequence[Plan], selectors: Mapping[str, str]) -> bool:
    """Whether making `plans` on `body` gives the tree that mutating its tree gives; `selectors` by query name."""
    original = _parse(view_of(body))
    marks = {plan.number: _mark(body, plan.number) for plan in plans if plan.is_isolated}
    comments = {number: f"<!--{mark}-->".encode() for number, mark in marks.items()}
    spliced = _parse(view_of(assemble(body, in_order(plans), comments)))
    if not _mutate(original, plans, selectors):
        return False
    for plan in plans:
        if plan.is_isolated and not _isolate(spliced, plan, marks[plan.number]):
            return False
    return original.html == spliced.html


def _parse(view: str) -> LexborHTMLParser:
    return LexborHTMLParser(view, scripting=True)


def _mark(body: bytes, number: int) -> str:
    """The text of a comment that is not in `body`."""
    salt = 0
    while f"mark-{number}-{salt}".encode() in body:
        salt += 1
    return f"mark-{number}-{salt}"


def _mutate(tree: LexborHTMLParser, plans: Sequence[Plan], selectors: Mapping[str, str]) -> bool:
    """Do to the tree what `plans` do to the bytes; False when the engines do not see the same matches."""
    nodes = {name: _matches(tree, selectors[name]) for name in {plan.query for plan in plans}}
    if any(len(nodes[plan.query]) != plan.matches for plan in plans):
        return False
    later: list[tuple[Plan, LexborNode]] = []
    # Inserting after or at the start twice puts the second before the first, unless it is done in reverse.
    inserts = [plan for plan in plans if isinstance(plan.edit, Insert) and not plan.is_isolated]
    forward = [plan for plan in inserts if _position(plan) in ("before", "end")]
    backward = [plan for plan in inserts if _position(plan) in ("after", "start")]
    for plan in (*forward, *reversed(backward)):
        if isinstance(plan.edit, Insert):
            _insert(nodes[plan.query][plan.nth], plan.edit.position, plan.edit.payload)
    for plan in plans:
        match plan.edit:
            case SetText(_, text):
                node = nodes[plan.query][plan.nth]
                while (child := node.first_child) is not None:
                    child.decompose()
                if value := escape.clean(text.value):
                    node.insert_child(value)
            case SetAttribute(_, name, _):
                nodes[plan.query][plan.nth].attrs[name] = plan.value
            case Replace() | Remove():
                later.append((plan, nodes[plan.query][plan.nth]))
            case _:
                pass
    for plan in plans:
        if isinstance(plan.edit, Reorder) and not _permute(nodes[plan.query], plan.edit, plan.classes):
            return False
    for plan, node in later:
        if isinstance(plan.edit, Replace):
            _insert(node, "before", plan.edit.payload)
        node.decompose()
    return True


def _matches(tree: LexborHTMLParser, css: str) -> list[LexborNode]:
    """The matches, each once: Lexbor lists an element once per alternative of `a, b` that it matches."""
    return list({node.mem_id: node for node in tree.css(css)}.values())


def _position(plan: Plan) -> str:
    return plan.edit.position if isinstance(plan.edit, Insert) else ""


def _insert(node: LexborNode, position: str, payload: Payload) -> None:
    values = _values(payload)
    first = node.first_child
    match position:
        case "before":
            for value in values:
                node.insert_before(value)
        case "after":
            for value in reversed(values):
                node.insert_after(value)
        case "start" if first is not None:
            for value in values:
                first.insert_before(value)
        case _:
            for value in values:
                node.insert_child(value)


def _values(payload: Payload) -> list[LexborNode | str]:
    """The nodes that a payload means: one text, or the children of a parsed fragment."""
    if isinstance(payload, Text):
        return [escape.clean(payload.value)]
    fragment = LexborHTMLParser(escape.markup(payload.value), is_fragment=True, scripting=True)
    values: list[LexborNode | str] = []
    node = fragment.root
    while node is not None:
        values.append(node)
        node = node.next
    return values


def _permute(nodes: Sequence[LexborNode], edit: Reorder, classes: Sequence[str | None]) -> bool:
    if len({node.parent.tag if node.parent is not None else "" for node in nodes}) > 1:
        return False
    changed = [place for place, source in enumerate(edit.order) if place != source]
    marks = []
    for place in changed:
        nodes[place].insert_before("\x01")
        mark = nodes[place].prev
        if mark is None:
            return False
        marks.append(mark)
    for place, mark, new_class in zip(changed, marks, classes, strict=True):
        unit = nodes[edit.order[place]]
        if new_class is not None:
            unit.attrs["class"] = new_class
        mark.replace_with(unit, move=True)
    return True


def _isolate(tree: LexborHTMLParser, plan: Plan, mark: str) -> bool:
    """Take the marked content out of body's children again; False unless it is there and is what was meant."""
    if tree.body is None or not isinstance(plan.edit, Insert):
        return False
    inside: list[LexborNode] = []
    marks: list[LexborNode] = []
    node = tree.body.last_child
    while node is not None and len(marks) < 2:
        if node.is_comment_node and node.comment_content == mark:
            marks.append(node)
        elif not marks and not node.is_comment_node and (node.tag != "-text" or (node.text_content or "").strip()):
            return False  # something else is the end of body
        elif marks:
            inside.append(node)
        node = node.prev
    if len(marks) != 2:
        return False
    found = "".join(node.html or "" for node in reversed(inside))
    if isinstance(plan.edit.payload, Text):
        if len(inside) != 1 or inside[0].tag != "-text":
            return False
        if inside[0].text_content != escape.clean(plan.edit.payload.value):
            return False
    elif found != "".join(
        value if isinstance(value, str) else value.html or "" for value in _values(plan.edit.payload)
    ):
        return False
    for node in (*marks, *inside):
        node.decompose()
    return True
