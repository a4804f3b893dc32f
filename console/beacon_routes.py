"""`/_vitrina/beacon.js` and `/_vitrina/beacon`: how long a page was in front, where the operator wants to know.

The script is under 1 KB, sets nothing and reads nothing but the page's own address and visibility. It tells when the
page is hidden or left; a browser without `sendBeacon` tells nothing, and then it is not known. What is told becomes an
event in the data plane (`proxy.click_log`), which knows whose it is; here it is only answered.
"""

from typing import Final

from aiohttp import web

from transforms.beacon import SCRIPT_PATH

BEACON_PATH: Final = "/_vitrina/beacon"
SCRIPT: Final = """(()=>{
const p=location.pathname+location.search,url=location.origin+"/_vitrina/beacon",now=()=>Math.round(performance.now()),
nav=performance.getEntriesByType("navigation")[0];
let seen=0,since=-1;
const look=e=>{
const t=now(),visible=e!="pagehide"&&document.visibilityState=="visible";
if(visible&&since<0)since=t;
else if(!visible&&since>=0){
seen+=t-since;since=-1;
navigator.sendBeacon&&navigator.sendBeacon(url,new URLSearchParams({v:seen,a:t,p}))
}};
look("");
if(since>=0)since=Math.round(nav&&nav.activationStart||0);
document.addEventListener("visibilitychange",()=>look(""));
for(const e of["pagehide","pageshow"])addEventListener(e,()=>look(e))
})()
"""


def beacon_routes(app: web.Application) -> None:
    """Adds the routes."""
    app.router.add_get(SCRIPT_PATH, _script)
    app.router.add_post(BEACON_PATH, _told)


async def _script(_request: web.Request) -> web.Response:
    return web.Response(
        text=SCRIPT,
        content_type="text/javascript",
        charset="utf-8",
        headers={"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"},
    )


async def _told(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(status=204)
