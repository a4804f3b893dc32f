"""`make events`: replay the recordings, write the raw results, print the table; fails when an event is wrong."""

import sys
from pathlib import Path

from bench.ending import ended
from bench.events.recorded import RECORDINGS, SHOPS, recordings
from bench.events.report import RESULTS, compared, line, table
from bench.machine import here

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "events.md"
BEGIN, END = "<!-- replay -->", "<!-- end of replay -->"


def main() -> int:
    """Replay all shops. 2 when there are no recordings here."""
    if not RECORDINGS.is_dir():
        print(f"no recordings at {RECORDINGS}", file=sys.stderr)
        return 2
    lines: list[str] = []
    wrong = 0
    for shop in SHOPS:
        rows, profile = compared(shop, recordings(shop))
        for row in rows:
            if not row.is_right:
                wrong += 1
                print(f"{row.shop} {row.exchange}:\n  happened {row.happened}\n  found    {row.found}", file=sys.stderr)
        lines += [line(row) for row in rows]
        lines.append(line((shop, profile)))
    where = here()
    head = {"python": where.python, "commit": where.commit, "date": where.date}
    RESULTS.write_text("\n".join([*lines, _meta(head)]) + "\n", "utf-8")
    made = table(lines)
    text = DOCUMENT.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{chr(10).join(made)}\n{END}{after}", "utf-8")
    print("\n".join(made))
    return 1 if wrong else 0


def _meta(head: dict[str, str]) -> str:
    return "{" + ", ".join(f'"{key}": "{value}"' for key, value in head.items()) + "}"


if __name__ == "__main__":
    sys.exit(ended(main))
