"""`profile show|import|export|erase`: what is known of a visitor, for the operator and for the visitor's rights."""

import argparse
import asyncio
import json
import sys
import time
from tempfile import TemporaryFile

from storage.profile_store import ProfileStore
from visitors.cookie import Keyring
from visitors.interests import with_scores
from visitors.profile import Profile
from visitors.sealing import unseal
from visitors.wire import decode_profile
from vitrina.attaching import attached
from vitrina.commands.arguments import add_config, add_data, installation
from vitrina.datafolder import DataFolder
from vitrina.erasures import erase_all
from vitrina.failures import ANSWER_NO
from vitrina.importing import Incoming
from vitrina.keys import load_keyring
from vitrina.profile_json import to_json
from vitrina.terminal import paint


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser("profile", help="show, import, export or erase profiles", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, text in (
        ("show", "print one profile for a person to read"),
        ("export", "print profiles as JSON lines (all, or those named)"),
        ("import", "read JSON lines, as `export` writes them, from a file or stdin"),
        ("erase", "forget a visitor: the profile goes, and no replay brings it back"),
    ):
        action = actions.add_parser(name, help=text, description=text.capitalize() + ".")
        add_config(action)
        add_data(action)
        if name == "import":
            action.add_argument("file", metavar="F", nargs="?", default="-", help="JSON lines (default: stdin)")
        else:
            action.add_argument("ids", metavar="PROFILE", nargs="*" if name == "export" else "+", help="profile id")
        action.set_defaults(run=run, action=name)


def run(args: argparse.Namespace) -> int:
    """Do the action on the installation's Redis."""
    folder, redis_url = installation(args)
    keyring = load_keyring(folder.keys)
    if args.action != "import":
        return asyncio.run(_run(args, keyring))
    # A million profiles are some 300 MB: on the data folder's disk, not in /tmp, which may be memory.
    with TemporaryFile(dir=folder.path) as waiting:
        incoming = Incoming(keyring, waiting)
        incoming.read(args.file)
        asyncio.run(_import(incoming, folder, redis_url))
        print(f"{incoming.count:,} profile{'s' if incoming.count != 1 else ''} imported")
    return 0


async def _import(incoming: Incoming, folder: DataFolder, redis_url: str) -> None:
    async with attached(folder, redis_url) as client:
        await incoming.write(ProfileStore(client))


async def _run(args: argparse.Namespace, keyring: Keyring) -> int:
    folder, redis_url = installation(args)
    async with attached(folder, redis_url) as client:
        store = ProfileStore(client)
        if args.action == "erase":
            return await erase_all(folder, client, args.ids, is_embedded=redis_url == "embedded")
        if args.action == "export":
            return await _export(store, args.ids, keyring)
        missing = 0
        for profile_id in args.ids:
            raw = await store.get(profile_id)
            if raw is None:
                print(f"{profile_id}: no such profile", file=sys.stderr)
                missing += 1
                continue
            _show(_opened(decode_profile(raw), keyring), time.time())
        return ANSWER_NO if missing else 0


async def _export(store: ProfileStore, ids: list[str], keyring: Keyring) -> int:
    missing = 0
    if not ids:
        async for _, stored in store.scan():
            print(to_json(_opened(decode_profile(stored), keyring)))
        return 0
    for profile_id in ids:
        raw = await store.get(profile_id)
        if raw is None:
            print(f"{profile_id}: no such profile", file=sys.stderr)
            missing += 1
        else:
            print(to_json(_opened(decode_profile(raw), keyring)))
    return ANSWER_NO if missing else 0


def _opened(profile: Profile, keyring: Keyring) -> Profile:
    """The profile with its e-mail address readable, or None where its key is gone."""
    return profile._replace(email=unseal(keyring, profile.email)) if profile.email else profile


def _show(profile: Profile, now: float) -> None:
    print(paint(profile.id, "bold"))
    categories = with_scores(profile, now).categories
    likes = sorted(categories, key=categories.__getitem__, reverse=True)
    rows = {
        "name": " ".join(filter(None, (profile.first_name, profile.last_name))),
        "e-mail": profile.email or "",
        "customer": "yes" if profile.customer else "no",
        "visits": str(profile.visits),
        "last click": _when(profile.last_click),
        "usual gap": f"{profile.usual_gap_s / 86400:.1f} days" if profile.usual_gap_s else "unknown",
        "likes": ", ".join(f"{name} {categories[name]:.1f}" for name in likes[:6]),
        "products seen": str(len(profile.products)),
        "cart": ", ".join(f"{count} × {item}" for item, count in profile.cart.items()),
        "orders": f"{profile.orders}, {profile.value_cents / 100:.2f} in all",
        "came from": " … ".join(filter(None, (profile.first_source, profile.last_source))),
        "moved to": profile.moved_to or "",
    }
    for name, value in rows.items():
        if value:
            print(f"  {name:<14} {value}")
    if profile.searches:
        print(f"  {'searched':<14} {json.dumps(profile.searches, ensure_ascii=False)}")


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) if at else ""
