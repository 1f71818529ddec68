"""Peak memory of one step, as the operating system counts it."""

import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


def reset_peak() -> None:
    """Let the peak start again from what is in use now; elsewhere than on Linux it stays the process's."""
    try:
        _RESET.write_text("5")
    except OSError:
        return


def peak_mb() -> int:
    """Largest resident memory since `reset_peak`, in MiB."""
    try:
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
