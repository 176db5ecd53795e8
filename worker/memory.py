"""A bound on the memory of a worker process: one image must not cost the machine."""

from __future__ import annotations

import resource
from pathlib import Path

TEXT_ENGINE_MB = 384
"""Address space for the text engine, which is still being loaded when the limit is set: 250 were seen to be taken."""

_STATM = Path("/proc/self/statm")


def limit_memory(megabytes: int) -> None:
    """Let this process take so much address space beyond what it has now; what wants more fails by MemoryError.

    Called when the models are loaded, so that what they map does not count. Nothing is done where there is no /proc,
    or for 0.
    """
    if not megabytes or not _STATM.exists():
        return
    taken = int(_STATM.read_text().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = taken + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
