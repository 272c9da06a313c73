"""Writes the "versus" section of docs/benchmarks.md from one machine's results."""
import math
import statistics
from pathlib import Path

import numpy as np

import problems
from programs import programs

BEGIN, END = "<!-- versus: written by bench/versus/versus.py -->", "<!-- versus: end -->"
OURS = "riata"
EQUAL_GAP = 1e-5  # what "at equal accuracy" asks of a peer
OUR_GAP = 1e-10
KINDS = ("wide", "tall", "sparse")


def seconds_of(line):
    """One thread: processor time, which other work on the machine does not lengthen. More threads: wall time."""
    return line["cpu_seconds"] if line["threads"] == 1 else line["seconds"]


class Runs:
    """All runs of one cell: the median time, the worst gap, the largest memory."""

    def __init__(self, lines):
        self.lines = lines
        self.status = lines[-1]["status"]
        self.limit = lines[-1].get("limit", 300)
        good = [line for line in lines if line["status"] == "ok"]
        self.ok = bool(good) and self.status == "ok"
        self.complete = self.ok and all(line["complete"] for line in good)
        self.seconds = statistics.median(map(seconds_of, good)) if good else math.inf
        gaps = [line["gap"] for line in good if "gap" in line]
        self.gap = max(gaps) if gaps else None
        self.active = max((line.get("active", 0) for line in good), default=0)
        self.peak_kib = max((line["peak_kib"] for line in good), default=0)
        self.extra_kib = max((line["peak_kib"] - line["rss_before_kib"] for line in good), default=0)
        self.cv_mean = next((np.array(line["cv_mean"]) for line in good if "cv_mean" in line), None)
        self.level, self.program, self.tolerance = (lines[-1][key] for key in ("level", "program", "tolerance"))


class Table:
    """The results of one machine by problem, loss, task, threads, program and level."""

    def __init__(self, results, folder):
        self.metas, self.runs = {}, {}
        for problem in problems.PROBLEMS:
            if (folder / problem.name / "meta.json").exists():
                self.metas[problem.name] = problems.read_meta(folder / problem.name)
        groups = {}
        for line in results.lines:
            if results.current(line) and line["problem"] in self.metas:
                place = (line["problem"], line["loss"], line["task"], line["threads"])
                groups.setdefault(place, {}).setdefault((line["program"], line["level"]), []).append(line)
        for place, cells in groups.items():
            self.runs[place] = {key: Runs(lines) for key, lines in cells.items()}

    def levels(self, place, program):
        """The program's runs here, by level."""
        found = self.runs.get(place, {})
        return [found[key] for key in sorted(found) if key[0] == program]

    def gap(self, place, run):
        """Of a cross-validation that keeps no path: the gap of the path at the same tolerance."""
        if run.gap is not None:
            return run.gap
        problem, loss, _, _ = place
        path = self.runs.get((problem, loss, "path", 1), {}).get((run.program, run.level))
        return path.gap if path and path.gap is not None else math.nan

    def ours(self, place):
        """Our quickest run that is certified to 1e-10, else the most accurate."""
        done = [run for run in self.levels(place, OURS) if run.complete]
        exact = [run for run in done if self.gap(place, run) <= OUR_GAP]
        if exact:
            return min(exact, key=lambda run: run.seconds)
        return min(done, key=lambda run: self.gap(place, run), default=None)

    def peers(self, place, good):
        """The fastest peer's run among those that are `good`; None where there is none."""
        found = [run for (name, _), run in self.runs.get(place, {}).items()
                 if not name.startswith(OURS) and run.complete and good(run)]
        return min(found, key=lambda run: run.seconds, default=None)


def floor_seconds(meta, task, active, rates):
    """What no program can beat on this machine: the data read once, and the operations that a certificate at every lambda
    and the Gram matrix of the final active set take, at the measured rates (docs/benchmarks.md says how)."""
    n, p, stored, count = meta["rows"], meta["columns"], meta["stored"], meta["n_lambdas"]
    models = 1 if task == "path" else meta["n_folds"] + 1
    density = stored / (n * p)
    gram = n * active**2 * density**2
    from_residuals = models * 2 * stored * count + gram
    from_gram = n * p**2 * density**2 + models * 2 * p**2 * count
    flops = min(from_residuals, from_gram) + models * active**3 / 3
    return meta["data_bytes"] / rates["bytes_per_second"] + flops / rates["flops_per_second"]


def seconds_text(seconds):
    return f"{seconds:.3g}" if seconds < 100 else f"{seconds:.0f}"


def gap_text(gap):
    return "?" if gap is None or math.isnan(gap) else "inf" if math.isinf(gap) else f"{gap:.0e}".replace("e-0", "e-")


def run_text(table, place, run):
    if run is None:
        return "–"
    if run.status == "too long":
        return f">{run.limit:.0f}"
    if not run.ok:
        return "failed"
    if not run.complete:
        return f"{seconds_text(run.seconds)} [ends early]"
    return f"{seconds_text(run.seconds)} [{gap_text(table.gap(place, run))}]"


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def summary(table, loss, task, threads, rates):
    """Us against the fastest peer, a line a problem; then the geometric means of every class."""
    rows, ratios = [], {kind: ([], []) for kind in KINDS}
    for name, meta in table.metas.items():
        place = (name, loss, task, threads)
        if place not in table.runs:
            continue
        ours = table.ours(place)
        default = table.peers(place, lambda run: run.level == 0)
        equal = table.peers(place, lambda run: table.gap(place, run) <= EQUAL_GAP)
        row = [name, run_text(table, place, ours)]
        for peer, collected in zip((default, equal), ratios[meta["kind"]]):
            row.append(f"{run_text(table, place, peer)} {peer.program}" if peer else "none")
            if peer and ours:
                collected.append(peer.seconds / ours.seconds)
                row.append(f"{collected[-1]:.1f}")
            else:
                row.append("–")
        if ours and str(threads) in rates:
            floor = floor_seconds(meta, task, ours.active, rates[str(threads)])
            row += [seconds_text(floor), f"{ours.seconds / floor:.1f}"]
        else:
            row += ["–", "–"]
        data = meta["data_bytes"] / 1e6
        row += [f"{data:.0f}", f"{ours.extra_kib * 1.024e-3:.0f}" if ours else "–"]
        rows.append(row)
    if not rows:
        return []
    header = ["problem", "riata", "fastest peer at its default", "ratio", "fastest peer at gap ≤ 1e-5", "ratio", "floor",
              "over the floor", "data, MB", "riata needs besides, MB"]
    lines = markdown(header, rows)
    means = [f"{kind} {' and '.join(f'{geometric_mean(values):.1f}' for values in pair if values)}"
             for kind, pair in ratios.items() if pair[0]]
    return lines + (["", "Geometric means of the two ratios: " + "; ".join(means) + "."] if means else [])


def curve_text(table, place, run):
    """How far a cross-validation's curve is from that of the most accurate program: largest relative difference."""
    candidates = [r for r in table.runs[place].values() if r.complete and r.cv_mean is not None
                  and r.program != "riata-standardize"]
    if run is None or run.cv_mean is None or not run.complete or run.program == "riata-standardize":
        return ""
    best = min(candidates, key=lambda r: table.gap(place, r) if not math.isnan(table.gap(place, r)) else math.inf)
    return f" ±{gap_text(float(np.max(np.abs(run.cv_mean / best.cv_mean - 1))))}"


def details(table, loss, task, threads, names):
    """Every program at its default and its tightest tolerance that finished."""
    rows = []
    for name in table.metas:
        place = (name, loss, task, threads)
        if place not in table.runs:
            continue
        for program in names:
            levels = table.levels(place, program)
            if not levels:
                continue
            tight = [run for run in levels[1:] if run.ok] or levels[1:2]
            peaks = [run.peak_kib for run in levels if run.ok]
            row = [name, program]
            for run in (levels[0], tight[-1] if tight else None):
                row += [run_text(table, place, run) + curve_text(table, place, run), f"{run.tolerance:g}" if run else "–"]
            rows.append([*row, f"{max(peaks) * 1.024e-3:.0f}" if peaks else "–"])
    header = ["problem", "program", "default: seconds [gap]", "tolerance", "tightest: seconds [gap]", "tolerance", "peak, MB"]
    return markdown(header, rows) if rows else []


def versions(results):
    found = {}
    for line in results.lines:
        if line["status"] == "ok" and results.current(line):
            found.setdefault(line["program"].removesuffix("-standardize"), set()).add(str(line["version"]))
    return ", ".join(f"{name} {' and '.join(sorted(numbers))}" for name, numbers in sorted(found.items()))


INTRODUCTION = f"""\
`make bench` runs this comparison and writes this section; `bench/versus/versus.py --help` tells how to run a part of it. Every
program gets the same data (unit variance, no standardisation, with an intercept), the same 100 λ (to 0.01·λ_max, tall data
to 0.0001·λ_max) and the same ten folds, in a process of its own, alternating, the fit alone timed (processor time on one thread, wall time on two); the
median of up to three runs. [In brackets: the worst relative duality gap over the path by one judge, `bench/versus/gap.py`; of a cross-validation
that keeps no path, the gap of the path at the same tolerance; then ± the largest relative difference of its error curve from
that of the most accurate program.] riata's line is the quickest that is certified to 1e-10. Its cross-validation and
glmnet's include the path of all data, the others' do not. `>300`: stopped. *Ends early*: not every λ was solved.
The floor is the data read once at the measured bandwidth, plus the operations that a certificate at every λ (or the Gram
matrix) and the factor of the largest active set take at the measured rate of matrix products."""


def section(machine, results, folder):
    table, rates = Table(results, folder), machine["rates"]
    names = [program.name for program in programs(Path("riata_cell"))]
    lines = [BEGIN, "## Versus", "", INTRODUCTION, "",
             f"Machine: {machine['processor']}, {machine['cores']} cores, {machine['vectors']}, {machine['memory_gib']} GiB, "
             f"{machine['system']}."]
    for threads, rate in sorted(rates.items()):
        lines.append(f"{threads} thread{'s' if threads != '1' else ''}: reads {rate['bytes_per_second'] / 1e9:.1f} GB/s, "
                     f"multiplies at {rate['flops_per_second'] / 1e9:.0f} GFLOP/s.")
    lines += [f"Versions: {versions(results)}.", ""]
    for loss in ("squared", "logistic"):
        for task, words in (("path", "Paths"), ("cv", "Ten-fold cross-validation")):
            for threads in (1, 2):
                title = f"### {words}, {loss} loss, {threads} thread{'s' if threads > 1 else ''}"
                rows = summary(table, loss, task, threads, rates)
                if rows:
                    lines += [title, "", *rows, "", "<details><summary>every program</summary>", "",
                              *details(table, loss, task, threads, names), "", "</details>", ""]
    return "\n".join([*lines, END]) + "\n"


def write(document, machine, results, folder):
    """Replaces the section, or adds it at the end."""
    text = document.read_text() if document.exists() else "# Benchmarks\n\n"
    new = section(machine, results, folder)
    if BEGIN in text and END in text:
        before, rest = text.split(BEGIN, 1)
        text = before + new + rest.split(END, 1)[1].lstrip("\n")
    else:
        text = text.rstrip("\n") + "\n\n" + new
    document.write_text(text)
    print(f"wrote {document}", flush=True)
