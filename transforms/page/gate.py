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

_BLANK = "\t\n\f\r "


def passes(body: bytes, plans: Sequence[Plan], selectors: Mapping[str, str]) -> bool:
    """Whether making `plans` on `body` gives the tree that mutating its tree gives; `selectors` by query name."""
    original = _parse(view_of(body))
    spliced = _parse(view_of(assemble(body, in_order(plans))))
    if not _mutate(original, plans, selectors):
        return False
    isolated = [plan.edit.payload for plan in plans if plan.is_isolated and isinstance(plan.edit, Insert)]
    return _isolated(original, spliced, isolated) if isolated else original.html == spliced.html


def _parse(view: str) -> LexborHTMLParser:
    return LexborHTMLParser(view, scripting=True)


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


def _isolated(original: LexborHTMLParser, spliced: LexborHTMLParser, payloads: Sequence[Payload]) -> bool:
    """Whether `payloads` are the last children of body, and without them the rest is as it was."""
    before, after = _at_body_end(original), _at_body_end(spliced)
    if before is None or after is None or before[1] != after[1]:
        return False
    content = after[0]
    size = len(content)
    for payload in reversed(payloads):
        found = content.rstrip(_BLANK)
        meant = _shown(payload)
        if not found.endswith(meant.rstrip(_BLANK)):
            return False
        content = found[: len(found) - len(meant.rstrip(_BLANK))]
        size -= len(meant)
    # Blanks that follow the payload's place go from what was open there to body: as many as before, but elsewhere.
    return size == len(before[0]) and _without_last_blanks(content) == _without_last_blanks(before[0])


def _at_body_end(tree: LexborHTMLParser) -> tuple[str, str] | None:
    """The serialised page up to the end of body's content, and what follows; None without a body."""
    body, whole = tree.body, tree.html
    if body is None or body.tag != "body" or body.parent is None or whole is None:
        return None
    after = f"</body>{_shown_after(body)}</html>{_shown_after(body.parent)}"
    return (whole.removesuffix(after), after) if whole.endswith(after) else None


def _shown_after(node: LexborNode) -> str:
    shown = ""
    following = node.next
    while following is not None:
        shown += following.html or ""
        following = following.next
    return shown


def _shown(payload: Payload) -> str:
    """A payload as it is serialised inside of body."""
    tree = _parse("")
    if tree.body is None:
        return ""
    for value in _values(payload):
        tree.body.insert_child(value)
    return tree.body.inner_html or ""


def _without_last_blanks(content: str) -> str:
    """Serialised content without the blanks before, between and after the end tags that it ends with."""
    kept: list[str] = []
    at = len(content.rstrip(_BLANK))
    while content.endswith(">", 0, at):
        start = content.rfind("<", 0, at)
        if not content.startswith("</", start):
            break
        kept.append(content[start:at])
        at = start
        while at > 0 and content[at - 1] in _BLANK:
            at -= 1
    return content[:at] + "".join(reversed(kept))
