"""What the measurements were taken on."""
import json
import os
import platform
import re
import subprocess
from pathlib import Path


def _field(path, name):
    try:
        for line in Path(path).read_text().splitlines():
            if line.startswith(name):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return "unknown"


def _vectors():
    flags = _field("/proc/cpuinfo", "flags").split()
    return next((name for flag, name in [("avx512f", "AVX-512"), ("avx2", "AVX2"), ("asimd", "NEON")] if flag in flags), "none")


def _rates(settings):
    """Read bandwidth and product rate for every number of threads, measured once and kept."""
    kept = settings.folder / "machine.json"
    rates = json.loads(kept.read_text()) if kept.exists() else {}
    for threads in settings.threads:
        if str(threads) in rates or settings.quick or settings.report_only or not settings.riata_cell.exists():
            continue
        text = subprocess.run([str(settings.riata_cell), "machine", str(threads)], check=True, capture_output=True, text=True)
        rates[str(threads)] = {key: float(value) for key, value in (line.split("=") for line in text.stdout.split())}
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(rates))
    return rates


def facts_of_machine(settings):
    memory = _field("/proc/meminfo", "MemTotal").split()[0]
    return {
        "processor": _field("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory) / 2**20) if memory.isdigit() else 0,
        "vectors": _vectors(),
        "system": f"{platform.system()} {platform.release()}",
        "rates": _rates(settings),
    }


def slug(machine):
    text = f"{machine['processor']} {machine['vectors']} {machine['cores']} cores {machine['memory_gib']} GiB"
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
