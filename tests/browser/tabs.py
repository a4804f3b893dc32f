"""Chromium by its own DevTools protocol, for what a tab in the background does: here one tab hides another for real.

Playwright keeps every page it drives focused and visible, so `document.visibilityState` never changes there.
"""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

TIMEOUT_S = 60.0
_READY = "document.readyState == 'complete' && !window.left"


class Chromium:
    """A running browser; `person()` is a browser profile of its own."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """One command and its answer; events in between are passed over."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        while True:
            answer: dict[str, Any] = json.loads(self._socket.recv(timeout=TIMEOUT_S))
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result

    def person(self, user_agent: str, **headers: str) -> "Person":
        """Somebody whose browser nobody has used yet; `headers` are sent with every request."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        return Person(self, context, user_agent, {name.replace("_", "-"): value for name, value in headers.items()})


class Person:
    """One person's browser; `tab` is the one in front."""

    def __init__(self, chromium: Chromium, context: str, user_agent: str, headers: dict[str, str]) -> None:
        self.chromium = chromium
        self._context = context
        self._user_agent = user_agent
        self._headers = headers
        self._tabs: list[tuple[str, str]] = []
        self.new_tab()

    def new_tab(self) -> int:
        """Open an empty tab in front of the others; its number."""
        call = self.chromium.call
        target = call("Target.createTarget", url="about:blank", browserContextId=self._context)["targetId"]
        session = call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        call("Page.enable", session)
        call("Network.enable", session)
        call("Emulation.setUserAgentOverride", session, userAgent=self._user_agent, acceptLanguage="es")
        if self._headers:
            call("Network.setExtraHTTPHeaders", session, headers=self._headers)
        self._tabs.append((target, session))
        self._front = len(self._tabs) - 1
        return self._front

    def show(self, tab: int) -> None:
        """Bring a tab to the front: the one that was there is hidden."""
        before, self._front = self._tabs[self._front][1], tab
        target, session = self._tabs[tab]
        self.chromium.call("Target.activateTarget", targetId=target)
        self._until(session, "document.visibilityState == 'visible'")
        self._until(before, "document.visibilityState == 'hidden'")

    def leave(self) -> None:
        """Leave the shop in every tab."""
        for _, session in self._tabs:
            self.evaluate("location.href = 'about:blank'", session)
            self._until(session, "location.href == 'about:blank'")

    def close(self) -> None:
        """Leave, and close the browser."""
        self.leave()
        self.chromium.call("Target.disposeBrowserContext", browserContextId=self._context)

    def open(self, url: str, referrer: str = "") -> None:
        """Follow a link from somewhere else, or type an address."""
        # Browsers do not tell an http site where on an https site a link stood; shops have TLS.
        came = {"referrer": referrer, "referrerPolicy": "unsafeUrl"} if referrer else {}
        found = self.chromium.call("Page.navigate", self._session, url=url, transitionType="link", **came)
        if "errorText" in found:
            raise RuntimeError(f"{url}: {found['errorText']}")
        self._until(self._session, _READY)

    def press(self, css: str) -> None:
        """Press the first link or button of that selector, and wait for the page it leads to."""
        found = f"document.querySelector({json.dumps(css)})"
        self._until(self._session, f"!!{found}")
        self._leave(f"{found}.click()")

    def fill(self, form: str, **typed: str) -> None:
        """Type into a form's fields, and send it by its button."""
        self._until(self._session, f"!!document.querySelector({json.dumps(form)})")
        fields = {name.replace("__", "-"): value for name, value in typed.items()}
        self._leave(
            f"const form = document.querySelector({json.dumps(form)}); const typed = {json.dumps(fields)};"
            "for (const name in typed) { const field = form.elements[name];"
            " if (field.type == 'radio' || field instanceof RadioNodeList)"
            " [...form.elements].filter(one => one.name == name && one.value == typed[name])[0].checked = true;"
            " else field.value = typed[name] }"
            "form.querySelector('[type=submit], [type=image], button:not([type])').click()"
        )

    def set_cookie(self, url: str, name: str, value: str) -> None:
        """What a shop's banner would set."""
        self.chromium.call("Network.setCookie", self._session, url=url, name=name, value=value)

    def cookies(self) -> dict[str, str]:
        """Every cookie of this browser."""
        found = self.chromium.call("Storage.getCookies", browserContextId=self._context)["cookies"]
        return {cookie["name"]: cookie["value"] for cookie in found}

    @property
    def text(self) -> str:
        """What the page in front says."""
        return str(self.evaluate("document.body.innerText"))

    @property
    def path(self) -> str:
        """Its path and query."""
        return str(self.evaluate("location.pathname + location.search"))

    def evaluate(self, expression: str, session: str | None = None) -> object:
        """An expression's value in the page in front."""
        found = self.chromium.call(
            "Runtime.evaluate", session or self._session, expression=expression, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(f"{expression}: {found['exceptionDetails']}")
        return found["result"].get("value")

    @property
    def _session(self) -> str:
        return self._tabs[self._front][1]

    def _leave(self, action: str) -> None:
        self.evaluate(f"window.left = true; {{ {action} }}")
        self._until(self._session, _READY)

    def _until(self, session: str, condition: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                if self.evaluate(condition, session):
                    return
            except RuntimeError:
                pass  # between two pages there is nothing to ask
            if time.monotonic() > deadline:
                raise TimeoutError(f"{condition} at {self.evaluate('location.href', session)}")
            time.sleep(0.02)


@contextmanager
def running_chromium(executable: str, arguments: list[str], folder: Path) -> Iterator[Chromium]:
    """Start it and end it."""
    command = [executable, "--headless=new", *arguments, "--remote-debugging-port=0", f"--user-data-dir={folder}"]
    process = subprocess.Popen([*command, "about:blank"], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        address = next(found[0] for line in process.stderr if (found := re.search(r"ws://\S+", line)))
        with connect(address, max_size=None, open_timeout=TIMEOUT_S) as socket:
            yield Chromium(socket)
    finally:
        process.terminate()
        process.communicate(timeout=30)
