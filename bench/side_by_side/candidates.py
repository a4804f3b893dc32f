"""All candidates, in the order of reports."""

from bench.side_by_side.candidate import Candidate
from bench.side_by_side.peers import aiohttp_selectolax, mitmproxy, nginx, nginx_lua, undici, vitrina, workerd

CANDIDATES: tuple[Candidate, ...] = (
    nginx.PASSTHROUGH,
    nginx.SUB_FILTER,
    nginx_lua.NGINX_LUA,
    workerd.WORKERD,
    vitrina.VITRINA,
    vitrina.OFF,
    mitmproxy.MITMPROXY,
    undici.UNDICI,
    aiohttp_selectolax.AIOHTTP,
)
BY_NAME = {candidate.name: candidate for candidate in CANDIDATES}
