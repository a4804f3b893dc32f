"""`make wapiti`: the scanner Wapiti against the demo, once at the shop itself and once through Vitrina.

Vitrina must add nothing: every kind of finding that there is through it, there is without it. Raw results (Wapiti's own
JSON) and the table made of them go to bench/results; ends with status 1 when something was added. Modules that ask
servers of Wapiti's makers are left out: traffic is to the loopback alone.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.ending import ended
from bench.machine import ROOT, Where, here
from bench.servers import await_port, free_port

RESULTS = ROOT / "bench" / "results" / "wapiti.json"
MODULES = (
    "backup,cookieflags,crlf,csp,exec,file,htaccess,http_headers,https_redirect,methods,permanentxss,redirect,sql,xss"
)
SCAN_S = 300
ATTACK_S = 60
"""At most, of looking for pages and of each module; a shop of the demo's size is through before that."""


def scan(wapiti: str, url: str, folder: Path) -> dict[str, Any]:
    """Wapiti's report of one side."""
    out = folder / "report.json"
    command = [wapiti, "-u", url, "-m", MODULES, "-d", "4", "--scope", "folder", "--flush-session", "--no-bugreport"]
    command += ["--max-links-per-page", "30", "--max-scan-time", str(SCAN_S)]
    command += [
        "--max-attack-time",
        str(ATTACK_S),
        "--store-session",
        str(folder),
        "-f",
        "json",
        "-o",
        str(out),
        "-v",
        "0",
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=2 * (SCAN_S + ATTACK_S * MODULES.count(",")))
    return dict(json.loads(out.read_text("utf-8")))


def found(report: Mapping[str, Any]) -> dict[str, int]:
    """Kind of finding → how often."""
    kinds = {**report["vulnerabilities"], **report["anomalies"], **report.get("additionals", {})}
    return {kind: len(entries) for kind, entries in kinds.items() if entries}


def table(where: Where, version: str, direct: Mapping[str, Any], through: Mapping[str, Any]) -> str:
    """Markdown."""
    alone, with_us = found(direct), found(through)
    pages = [side["infos"].get("crawled_pages_nbr", "?") for side in (direct, through)]
    lines = [
        "# Wapiti on the demo",
        "",
        f"{where.line()}; Wapiti {version}, modules {MODULES.replace(',', ', ')}.",
        "Made by `make wapiti` from `wapiti.json`.",
        "",
        "| | the shop alone | through Vitrina |",
        "|---|---|---|",
        f"| pages found | {pages[0]} | {pages[1]} |",
    ]
    lines += [f"| {kind} | {alone.get(kind, 0)} | {with_us.get(kind, 0)} |" for kind in sorted({*alone, *with_us})]
    added = sorted(set(with_us) - set(alone))
    lines += ["", f"Kinds added by Vitrina: {', '.join(added) or 'none'}."]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Exit code 1 when Vitrina adds a kind of finding, 2 without Wapiti."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wapiti", default=shutil.which("wapiti") or "", help="the program (pipx install wapiti3)")
    parser.add_argument("--report", type=Path, help="print the table of raw results")
    arguments = parser.parse_args()
    if arguments.report is not None:
        raw = json.loads(arguments.report.read_text("utf-8"))
        print(table(Where(**raw["where"]), raw["version"], raw["direct"], raw["through"]), end="")
        return 0
    if not arguments.wapiti:
        print("missing: wapiti (pipx install wapiti3; WAPITI=PROGRAM)", file=sys.stderr)
        return 2
    where = here()
    version = subprocess.run([arguments.wapiti, "--version"], capture_output=True, text=True, check=True).stdout
    version = version.split()[-1]
    with tempfile.TemporaryDirectory(prefix="vitrina-wapiti-") as text:
        folder, port = Path(text), free_port()
        log = folder / "log"
        command = [sys.executable, "-m", "vitrina", "demo", "--port", str(port), "--data", str(folder / "data")]
        with log.open("w") as out:
            demo = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, text=True, cwd=ROOT)
            try:
                await_port(port, demo, log, 120)
                sides = {"direct": f"http://127.0.0.1:{port + 1}/", "through": f"http://127.0.0.1:{port}/"}
                reports = {}
                for name, url in sides.items():
                    (folder / name).mkdir()
                    print(f"{name} …", file=sys.stderr, flush=True)
                    reports[name] = scan(arguments.wapiti, url, folder / name)
            finally:
                demo.terminate()
                demo.wait(60)
    raw = {"where": asdict(where), "version": version, **reports}
    RESULTS.write_text(json.dumps(raw, indent=1, ensure_ascii=False) + "\n", "utf-8")
    told = table(where, version, reports["direct"], reports["through"])
    RESULTS.with_suffix(".md").write_text(told, "utf-8")
    print(told, end="")
    return int(bool(set(found(reports["through"])) - set(found(reports["direct"]))))


if __name__ == "__main__":
    raise SystemExit(ended(main))
