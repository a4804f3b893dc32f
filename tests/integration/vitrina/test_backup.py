"""A backup taken while people shop, put back elsewhere: the same profiles, no click twice, nothing half done."""

import json
import shutil
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clicks.wire import decode_click
from storage.control import ControlPage
from storage.embedded import EmbeddedValkey
from storage.folding import Folding, Numbered
from storage.records import read_records
from tests.fixtures.gramola import HIP_HOP, Person, Site, profile_id, site_config
from tests.fixtures.installation import Installation, installation, run_command
from tests.fixtures.processes import named, stopped, wait_until
from tests.fixtures.valkey import own_valkey
from visitors.profile import Profile
from visitors.wire import decode_profile
from vitrina.profile_json import from_json

__all__ = ["own_valkey"]


def numbered(data: Path) -> list[Numbered]:
    """Every click of a data folder's spools, in time."""
    found = [
        (decode_click(record.payload), path.parent.name, record.sequence)
        for path in (data / "spool").glob("*/*.seg")
        for record in read_records(path)[0]
    ]
    return sorted(found, key=lambda one: one[0].time)


def folded(clicks: list[Numbered]) -> dict[str, Profile]:
    """The profiles that those clicks make."""
    folding = Folding({}, {})
    folding.apply(clicks)
    return {change.profile_id: decode_profile(change.raw) for change in folding.changes()}


def exported(vitrina: Installation) -> dict[str, Profile]:
    """The profiles that there are, as `profile export` writes them."""
    said = vitrina.command("profile", "export", "--config", str(vitrina.config))
    profiles = (from_json(line, "exported", 0.0) for line in said.splitlines())
    return {profile.id: profile for profile in profiles}


def caught_up(vitrina: Installation) -> bool:
    """Whether every click of the restored spools is in its profile."""
    profiles = exported(vitrina)
    return all(
        name in profiles
        and (
            profiles[name].moved_to is not None
            or all(profiles[name].applied.get(spool, -1) >= sequence for spool, sequence in expected.applied.items())
        )
        for name, expected in folded(numbered(vitrina.data)).items()
    )


@pytest.fixture(scope="module")
def live(shop_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, list[Person], Path]]:
    """People shop, and go on while the backup is taken; some of their clicks wait in the spool when it is."""
    folder = tmp_path_factory.mktemp("live")
    with installation(folder, site_config(shop_port, head="workers = 2")) as vitrina:
        site = Site(vitrina, shop_port)
        people = [site.visitor() for _ in range(3)]
        people[0].register("rosa@example.com", "secret123", "Rosa")
        for person in people:
            person.look_at(*HIP_HOP)
        vitrina.settle()
        stop = threading.Event()

        def shop() -> None:
            while not stop.is_set():
                people[1].look_at("5", "8")

        shopper = threading.Thread(target=shop)
        shopper.start()
        file = folder / "backup.tar.zst"
        try:
            vitrina.command("backup", str(folder / "moving.tar.gz"), "--config", str(vitrina.config))
            [work] = named(vitrina.process.pid, "processes work")
            with stopped(work):
                people[2].look_at("9", "10")
                vitrina.command("backup", str(file), "--config", str(vitrina.config))
        finally:
            stop.set()
            shopper.join()
        vitrina.command("off", "--config", str(vitrina.config))
        vitrina.command("backup", str(folder / "off.tar.gz"), "--config", str(vitrina.config))
        vitrina.command("on", "--config", str(vitrina.config))
        yield site, people, file


@pytest.mark.parametrize("name", ["backup.tar.zst", "moving.tar.gz"])
def test_the_same_profiles_and_no_click_twice(
    live: tuple[Site, list[Person], Path], shop_port: int, tmp_path: Path, name: str
) -> None:
    site, people, file = live
    said = run_command("restore", str(file.with_name(name)), "--data", str(tmp_path / "data"))
    assert " profiles" in said
    assert (tmp_path / "data" / "keys").read_bytes() == (site.vitrina.data / "keys").read_bytes()
    assert (tmp_path / "data" / "keys").stat().st_mode & 0o777 == 0o600
    with installation(tmp_path, site_config(shop_port, head="workers = 1")) as vitrina:
        wait_until(lambda: caught_up(vitrina))
        restored = exported(vitrina)
        assert set(restored) >= {profile_id(person) for person in people}
        history = numbered(site.vitrina.data)
        for profile_name, profile in restored.items():
            if profile.moved_to is not None:
                assert profile_name in restored[profile.moved_to].merged
                continue
            known = [one for one in history if one[2] <= profile.applied.get(one[1], -1)]
            expected = folded(known)[profile_name]
            for name in ("page_views", "visits", "last_page", "customer", "moved_to"):
                assert getattr(profile, name) == getattr(expected, name)
        if name == "backup.tar.zst":  # what waited in the spool is there too
            assert {"9", "10"} <= set(restored[profile_id(people[2])].products)
        # The keys are the same, so are the visitors.
        again = Site(vitrina, shop_port).stranger()
        again.cookies |= people[2].cookies
        before = restored[profile_id(people[2])].page_views
        again.look_at("11")
        wait_until(lambda: exported(vitrina)[profile_id(people[2])].page_views == before + 1)


def test_the_switch_is_as_it_was(live: tuple[Site, list[Person], Path], tmp_path: Path) -> None:
    _, _, file = live
    said = run_command("restore", str(file.with_name("off.tar.gz")), "--data", str(tmp_path / "data"))
    assert "it is switched off, as it was" in said
    assert not ControlPage.open(tmp_path / "data" / "control").is_on()


def test_a_backup_is_for_its_owner_and_overwrites_nothing(live: tuple[Site, list[Person], Path]) -> None:
    site, _, file = live
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in file.parent.iterdir() if "backup" in path.name) == ["backup.tar.zst"]
    before = file.read_bytes()
    arguments = ("--config", str(site.vitrina.config))
    assert "exists already" in run_command("backup", str(file), *arguments, expect=2)
    assert file.read_bytes() == before
    assert "name it ….tar.zst or ….tar.gz" in run_command("backup", str(file) + ".zip", *arguments, expect=2)
    assert "No such file" in run_command("backup", "/nowhere/x.tar.gz", *arguments, expect=2)


def test_what_is_there_is_not_overwritten(live: tuple[Site, list[Person], Path], tmp_path: Path) -> None:
    site, _, file = live
    assert "is in use" in run_command("restore", str(file), "--config", str(site.vitrina.config), expect=5)
    (tmp_path / "keys").write_text("x")
    assert "is not empty (keys)" in run_command("restore", str(file), "--data", str(tmp_path), expect=5)
    assert (tmp_path / "keys").read_text() == "x"


def test_what_is_damaged_restores_nothing(live: tuple[Site, list[Person], Path], tmp_path: Path) -> None:
    _, _, file = live
    for source in (file, file.with_name("moving.tar.gz")):
        whole = source.read_bytes()
        damaged = tmp_path / source.name
        for data in (
            *(whole[:-cut] for cut in (1, 4, 5, 30, 100, 400)),
            whole[: len(whole) // 2],
            whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :],
            b"",
            b"not an archive at all",
        ):
            damaged.write_bytes(data)
            said = run_command("restore", str(damaged), "--data", str(tmp_path / "data"), expect=1)
            assert "damaged, nothing was restored" in said
            assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"backup": 2}, "a backup of layout 2"),
        ({"format": 99}, "of data format 99"),
        ({"files": {}}, "is not what the manifest says"),
        ({"created": None, "program": "9.9", "later": True}, ""),
    ],
)
def test_manifests_of_others(
    live: tuple[Site, list[Person], Path], tmp_path: Path, change: dict[str, object], message: str
) -> None:
    _, _, file = live
    changed = tmp_path / "changed.tar.gz"
    with (
        tarfile.open(file.with_name("moving.tar.gz")) as source,
        tarfile.open(changed, "w:gz") as target,
    ):
        for member in source:
            content = source.extractfile(member)
            assert content is not None
            data = content.read()
            if member.name == "manifest.json":
                data = json.dumps({**json.loads(data), **change, "created": 0.0}).encode()
            member.size = len(data)
            (tmp_path / "member").write_bytes(data)
            with (tmp_path / "member").open("rb") as fresh:
                target.addfile(member, fresh)
    said = run_command("restore", str(changed), "--data", str(tmp_path / "data"), expect=1 if message else 0)
    assert message in said


@pytest.mark.parametrize("name", ["../escape", "/etc/x", "spool/../../keys", "spool/x/00000000000000000000.seg"])
def test_names_that_no_backup_has(tmp_path: Path, name: str) -> None:
    file = tmp_path / "evil.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo(name))
    assert "no part of a backup" in run_command("restore", str(file), "--data", str(tmp_path / "data"), expect=1)
    assert not (tmp_path / "data").exists()


def test_into_a_redis_of_your_own(
    live: tuple[Site, list[Person], Path], shop_port: int, tmp_path: Path, own_valkey: EmbeddedValkey
) -> None:
    _, people, file = live
    folder = tmp_path / "vitrina"
    config = site_config(shop_port, head="workers = 1") + f'[redis]\nurl = "{own_valkey.url}"\n'
    with installation(folder, config) as vitrina:  # who has served there already has something to lose
        Site(vitrina, shop_port).visitor().look_at("5")
        vitrina.settle()
        assert vitrina.stop() == 0
        (folder / "data").rename(tmp_path / "old")
        arguments = (str(file), "--config", str(vitrina.config))
        assert "this Redis holds profiles or clicks already" in vitrina.command("restore", *arguments, expect=5)
        own_valkey.stop()
        shutil.rmtree(own_valkey.folder)
        own_valkey.start()
        vitrina.command("restore", *arguments)
        again = tmp_path / "again.tar.gz"
        vitrina.command("backup", str(again), "--config", str(vitrina.config))
        restored = exported(vitrina)
        assert set(restored) >= {profile_id(person) for person in people}
        assert sorted(path.name for path in (folder / "data").iterdir()) == [
            "control",
            "format",
            "keys",
            "lock",
            "spool",
        ]
    assert f"{len(restored)} profiles" in run_command("restore", str(again), "--data", str(tmp_path / "third"))
