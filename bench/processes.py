"""What a tree of processes costs, as the kernel counts it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM, _PARENT = 11, 12, 1


def tree(root: int) -> list[int]:
    """List a process and all that descend from it."""
    parents = {
        int(path.name): int(fields[_PARENT])
        for path in Path("/proc").iterdir()
        if path.name.isdecimal() and (fields := _stat(int(path.name)))
    }
    found = [root]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found


def cpu_seconds(root: int) -> float:
    """Tell the processor time a tree has used so far, in user and kernel mode."""
    stats = [_stat(each) for each in tree(root)]
    return sum(int(each[_USER]) + int(each[_SYSTEM]) for each in stats if each) / _TICK


def proportional_bytes(root: int) -> int:
    """Tell the memory of a tree, what is shared divided among those who share it."""
    return sum(_proportional(each) for each in tree(root))


def _proportional(process: int) -> int:
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _stat(process: int) -> list[str]:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    # The program's name may hold spaces and brackets; the figures follow the last one.
    return text.rpartition(")")[2].split()
