"""The privacy page as HTML: readable on a phone, without a script, in the visitor's language.

Invariant: every value is escaped; styles are a file of ours, so that the policy of the page can allow nothing else.
"""

from html import escape

from config.settings import PURPOSES, Purpose
from console.languages import Language
from console.privacy_known import Known
from visitors.consent import Permissions

PATH = "/_vitrina/privacy"
STYLE_PATH = f"{PATH}/style.css"
STYLE = """:root{color-scheme:light dark;--ink:#1c2430;--dim:#4c5866;--paper:#f6f4ef;--card:#fff;--line:#d9d5cb;
--accent:#0b5c52;--on-accent:#fff;--danger:#a3201d;--good:#0b5c52}
@media (prefers-color-scheme:dark){:root{--ink:#eceae4;--dim:#b3bac2;--paper:#14181d;--card:#1e242b;--line:#3a434d;
--accent:#7fd6c5;--on-accent:#0c2420;--danger:#ff9d94;--good:#7fd6c5}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main,header,footer{max-width:46rem;margin:0 auto;padding:0 1rem}
header{padding-top:2.5rem}
h1{font-size:clamp(1.6rem,5vw,2.3rem);line-height:1.15;margin:0 0 .5rem;letter-spacing:-.02em}
h2{font-size:1.15rem;margin:0 0 .75rem}
p{margin:.25rem 0 .75rem}
.lead,.note{color:var(--dim)}
section{background:var(--card);border:1px solid var(--line);border-radius:.9rem;padding:1.25rem;margin:1rem 0}
dl{display:grid;grid-template-columns:minmax(8rem,12rem) 1fr;gap:.55rem 1.25rem;margin:0}
dt{color:var(--dim)}
dd{margin:0;overflow-wrap:anywhere;font-weight:550}
ul{margin:0;padding-left:1.2rem}
li{margin:.3rem 0}
.purpose{display:flex;gap:1rem;align-items:center;justify-content:space-between;padding:.85rem 0;
border-top:1px solid var(--line)}
.purpose:first-of-type{border-top:0}
.purpose h3{font-size:1rem;margin:0}
.purpose p{margin:0;color:var(--dim);font-size:.93rem}
.state{font-weight:650;color:var(--ink)}
.on{color:var(--good)}
button,.button{flex:none;font:inherit;font-weight:600;min-height:2.75rem;min-width:6.5rem;padding:.5rem 1.1rem;
border-radius:.6rem;border:1.5px solid var(--accent);background:transparent;color:var(--accent);cursor:pointer;
text-decoration:none;
display:inline-flex;align-items:center;justify-content:center;white-space:nowrap}
button.primary{background:var(--accent);color:var(--on-accent)}
button.danger{border-color:var(--danger);color:var(--danger)}
button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
@media (max-width:34rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.7rem}
.purpose{flex-direction:column;align-items:stretch}.actions,.actions form{flex-direction:column}
.actions form,.actions button,.actions .button{width:100%}}
.actions{display:flex;flex-wrap:wrap;gap:.75rem}
.done{border-color:var(--good);border-width:2px}
footer{padding-bottom:3rem}
a{color:var(--accent)}
"""


def purpose_words(purpose: Purpose, t: Language) -> tuple[str, str]:
    """A purpose's name, and what it is for."""
    return {
        "personalisation": (
            t("Personalisation"),
            t("The shop shows what suits you. It keeps a profile for that."),
        ),
        "statistics": (t("Statistics"), t("Your visits are told apart and counted.")),
        "email": (t("E-mail"), t("Your address may be kept, to write to you.")),
    }[purpose]


def render(known: Known, allowed: Permissions, t: Language, *, token: str, refuses: bool, done: str = "") -> str:
    """The page. `done` is what was just done, already in words; `refuses`: the browser sends GPC or DNT."""
    switches = "".join(_switch(purpose, allowed, t, token) for purpose in PURPOSES)
    note = ""
    if refuses:
        asks = t("Your browser asks not to be tracked. What you switch on here still counts.")
        note = f'<p class="note">{escape(asks)}</p>'
    told = f'<section class="done" role="status"><p>{escape(done)}</p></section>' if done else ""
    title = escape(t("Your data in this shop"))
    lead = t("See what is known about this browser, decide what it may be used for, take it with you, or erase it.")
    why = t("Why your last page was personalised")
    return f"""<!doctype html>
<html lang="{t.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="stylesheet" href="{STYLE_PATH}">
</head>
<body>
<header>
<h1>{title}</h1>
<p class="lead">{escape(lead)}</p>
</header>
<main>
{told}
<section aria-labelledby="known"><h2 id="known">{escape(t("What is known"))}</h2>{_rows(known, t)}</section>
<section aria-labelledby="why"><h2 id="why">{escape(why)}</h2>{_reasons(known, t)}</section>
<section aria-labelledby="may"><h2 id="may">{escape(t("What it may be used for"))}</h2>{note}{switches}</section>
<section aria-labelledby="yours"><h2 id="yours">{escape(t("Take it with you, or erase it"))}</h2>
<p>{escape(t("Erasing cannot be undone. Copies in backups do not come back either."))}</p>
<div class="actions">
<a class="button" href="{PATH}/download" download="my-data.json">{escape(t("Download (JSON)"))}</a>
<form method="post" action="{PATH}/erase"><input type="hidden" name="token" value="{escape(token)}">
<button class="danger">{escape(t("Erase everything"))}</button></form>
</div></section>
</main>
<footer><p><a href="/">{escape(t("Back to the shop"))}</a></p></footer>
</body>
</html>
"""


def _rows(known: Known, t: Language) -> str:
    if not known.rows:
        return f"<p>{escape(t('Nothing is known about this browser.'))}</p>"
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in known.rows) + "</dl>"


def _reasons(known: Known, t: Language) -> str:
    if not known.why:
        return f"<p>{escape(t('No page was changed for you.'))}</p>"
    reasons = "".join(f"<li>{escape(sentence)}</li>" for sentence in known.why)
    return f'<p class="note">{escape(known.changed_at)}</p><ul>{reasons}</ul>'


def _switch(purpose: Purpose, allowed: Permissions, t: Language, token: str) -> str:
    name, what = purpose_words(purpose, t)
    is_on = allowed.allows(purpose)
    state = f'<span class="state{" on" if is_on else ""}">{escape(t("On") if is_on else t("Off"))}</span>'
    act = t("Switch off") if is_on else t("Switch on")
    return f"""<form class="purpose" method="post" action="{PATH}/choose">
<div><h3>{escape(name)}: {state}</h3><p>{escape(what)}</p></div>
<input type="hidden" name="token" value="{escape(token)}">
<input type="hidden" name="{purpose}" value="{int(not is_on)}">
<button{"" if is_on else ' class="primary"'} aria-label="{escape(f"{act}: {name}")}">{escape(act)}</button></form>"""
