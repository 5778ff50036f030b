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
    return sum(cpu_seconds_of(each) for each in tree(root))


def cpu_seconds_of(process: int) -> float:
    """Tell the processor time one process has used so far; none of one that has ended."""
    fields = _stat(process)
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICK if fields else 0.0


def is_called(process: int, name: str) -> bool:
    """Tell whether a process runs a program of this name."""
    try:
        return Path(f"/proc/{process}/comm").read_text().strip() == name
    except (FileNotFoundError, ProcessLookupError):
        return False


def proportional_bytes(root: int) -> int:
    """Tell the memory of a tree, what is shared divided among those who share it."""
    return sum(proportional_bytes_of(each) for each in tree(root))


def proportional_bytes_of(process: int) -> int:
    """Tell the memory of one process and its part of what it shares; none once it has ended."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = [line for line in text.splitlines() if line.startswith("Pss:")]
    return int(found[0].split()[1]) * 1024 if found else 0


def _stat(process: int) -> list[str]:
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    # The program's name may hold spaces and brackets; the figures follow the last one.
    return text.rpartition(")")[2].split()
