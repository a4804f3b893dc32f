"""Which children there are and what each is told: one console, one `work`, and the workers of the data plane."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from storage.control import SLOTS
from vitrina.children import Child
from vitrina.datafolder import DataFolder
from vitrina.handover import Kept
from vitrina.listeners import ADMIN, HTTP, HTTPS, Listeners
from vitrina.loaded import Loaded
from vitrina.processes.spec import CONSOLE_SLOT, FIRST_WORKER_SLOT, WORK_SLOT, Spec

STOP_GRACE_S = 5.0
CONSOLE, WORK, DATAPLANE = "console", "work", "dataplane"


@dataclass(frozen=True, slots=True)
class Plan:
    """One generation: its configuration (`descriptor` holds it too), and what all its children share."""

    loaded: Loaded
    descriptor: int
    data: DataFolder
    redis_url: str
    listeners: Listeners
    demo: bool

    def console(self) -> Child:
        """Our own pages and the operator's."""
        return self._child("console", CONSOLE, CONSOLE_SLOT)

    def work(self) -> Child:
        """Shipper and consumer."""
        return self._child("work", WORK, WORK_SLOT)

    def workers(self, taken: Collection[int]) -> list[Child]:
        """The data plane, on places of the control page that are not `taken`. ValueError when they do not suffice."""
        free = [slot for slot in range(FIRST_WORKER_SLOT, SLOTS) if slot not in taken]
        count = self.loaded.settings.workers
        if len(free) < count:
            raise ValueError(f"{len(free)} places for {count} workers")
        return [self._child(f"worker {number + 1}", DATAPLANE, free[number]) for number in range(count)]

    def kept(self, kept: Kept) -> Child:
        """A child of the program before us, which this generation would start again if it died."""
        child = self._child(kept.name, kept.module, kept.slot)
        child.grace_s = kept.grace_s
        child.take_over(kept.pid)
        return child

    def _child(self, name: str, module: str, slot: int) -> Child:
        drain_s = self.loaded.settings.limits.drain_s if module == DATAPLANE else 0.0
        return Child(name, module, slot, *self._told(module, slot), drain_s + STOP_GRACE_S)

    def reassign(self, child: Child) -> None:
        """From its next start on the child belongs to this generation."""
        child.spec, child.descriptors = self._told(child.module, child.slot)

    def _told(self, module: str, slot: int) -> tuple[Callable[[int], Spec], tuple[int, ...]]:
        """What makes the child's spec, and the descriptors that it inherits."""
        spec = self._spec(module, slot, -1)
        admin = () if spec.admin_fd is None else (spec.admin_fd,)
        inherited = (self.descriptor, *spec.listen_fds, *spec.tls_fds, *admin)
        return lambda ready_fd: self._spec(module, slot, ready_fd), inherited

    def _spec(self, module: str, slot: int, ready_fd: int) -> Spec:
        return Spec(
            loaded_fd=self.descriptor,
            data=str(self.data.path),
            redis_url=self.redis_url,
            slot=slot,
            ready_fd=ready_fd,
            listen_fds=self._fds(HTTP) if module == DATAPLANE else (),
            tls_fds=self._fds(HTTPS) if module == DATAPLANE else (),
            admin_fd=self.listeners.descriptor(ADMIN) if module == CONSOLE else None,
            demo=self.demo,
        )

    def _fds(self, name: str) -> tuple[int, ...]:
        descriptor = self.listeners.descriptor(name)
        return () if descriptor is None else (descriptor,)
