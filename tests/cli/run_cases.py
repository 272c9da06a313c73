#!/usr/bin/env python3
"""Runs the program on cases written as data (*.cases) and compares exit code, output, messages and files, exactly.

    run_cases.py PROGRAM FILE.cases [--only WORD] [--accept]

A case file holds blocks such as

    [a misspelt option]                      name of the case
    with: tiny.csv                           fixtures to copy into the empty folder where the command runs
    file odd.csv:                            or a file written here; "hex" after its name: bytes as hexadecimal digits
    | a,b                                    (\\r at a line's end: carriage return; \\0: none at all, no line feed)
    before: riata fit tiny.csv ...           a command that must succeed first, its output ignored
    run: riata fit tiny.csv --lamda 1        the command, for /bin/sh
    exit: 2
    stdout:                                  exact lines; "stdout~:" parts of lines that must occur; "stdout#:" lines whose
                                             numbers may differ in their last digits; none of these: nothing may be printed
    | ...
    stderr:
    | riata: unknown option ...
    creates: model.json                      files that appear or change; all others must stay as they were

--accept writes what the program did into the file: read the difference before committing it.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures")
LIMIT = 60


class Case:
    def __init__(self, name, line):
        self.name, self.line = name, line
        self.fixtures, self.files, self.before = [], [], []
        self.run, self.exit, self.creates = None, 0, []
        self.expected = {}  # "stdout", "stdout~", "stderr", "stderr~" -> lines


def parse(path):
    cases, block = [], None
    with open(path, encoding="utf-8") as handle:
        for number, line in enumerate(handle, 1):
            line = line.rstrip("\n")
            if line.startswith("|"):
                block.append(line[2:])
            elif line.startswith("["):
                cases.append(Case(line.strip("[]"), number))
            elif line.strip() and not line.startswith("#"):
                key, _, rest = line.partition(":")
                block = read_key(cases[-1], key.strip(), rest.strip(), f"{path}:{number}")
    return cases


def read_key(case, key, rest, where):
    block = []
    if key == "with":
        case.fixtures += rest.split()
    elif key.startswith("file "):
        case.files.append((key.split()[1], "hex" in key.split()[2:], block))
    elif key == "before":
        case.before.append(rest)
    elif key == "run":
        case.run = rest
    elif key == "exit":
        case.exit = int(rest)
    elif key == "creates":
        case.creates = rest.split()
    elif key in ("stdout", "stdout~", "stdout#", "stderr", "stderr~"):
        if rest:
            block.append(rest)
        case.expected[key] = block
    else:
        sys.exit(f"{where}: unknown key '{key}'")
    return block


def content(lines, is_hex):
    if is_hex:
        return bytes.fromhex("".join(lines))
    text = "".join(line + "\n" for line in lines)
    return text.replace("\\r\n", "\r\n").replace("\\0\n", "").encode()


def snapshot(folder):
    out = {}
    for root, _, files in os.walk(folder):
        for name in files:
            full = os.path.join(root, name)
            if os.path.isfile(full):
                with open(full, "rb") as handle:
                    out[os.path.relpath(full, folder)] = handle.read()
    return out


def shell(command, folder, program):
    environment = {"PATH": os.path.dirname(program) + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": folder}
    for kept in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LD_LIBRARY_PATH"):
        if kept in os.environ:
            environment[kept] = os.environ[kept]
    done = subprocess.run(["/bin/sh", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=LIMIT)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def perform(case, program):
    with tempfile.TemporaryDirectory() as folder:
        for name in case.fixtures:
            shutil.copy(os.path.join(FIXTURES, name), folder)
        for name, is_hex, lines in case.files:
            with open(os.path.join(folder, name), "wb") as handle:
                handle.write(content(lines, is_hex))
        for command in case.before:
            code, _, err = shell(command, folder, program)
            if code != 0:
                return None, f"before: '{command}' failed with {code}: {err}"
        old = snapshot(folder)
        result = shell(case.run, folder, program)
        new = snapshot(folder)
        changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        return (*result, changed), None


NUMBER = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")


def nearly(lines, wanted):
    """The same text around the same numbers, to 1e-9 of their size."""
    text, other = "\n".join(lines), "\n".join(wanted)
    if NUMBER.split(text) != NUMBER.split(other):
        return False
    pairs = zip(map(float, NUMBER.findall(text)), map(float, NUMBER.findall(other)))
    return all(abs(a - b) <= 1e-9 * max(abs(a), abs(b)) for a, b in pairs)


def compare(case, actual):
    code, out, err, changed = actual
    problems = []
    if code != case.exit:
        problems.append(f"exit code {code}, expected {case.exit}")
    for stream, text in (("stdout", out), ("stderr", err)):
        lines = text.split("\n")
        if lines[-1] == "":
            lines.pop()
        for wanted in case.expected.get(stream + "~", []):
            if not any(wanted in line for line in lines):
                problems.append(f"{stream} lacks: {wanted}")
        wanted = case.expected.get(stream + "#", case.expected.get(stream, []))
        same = nearly(lines, wanted) if stream + "#" in case.expected else lines == wanted
        if stream + "~" not in case.expected and not same:
            problems.append(f"{stream} is:\n" + "".join(f"    | {line}\n" for line in lines) + "  expected:\n" +
                            "".join(f"    | {line}\n" for line in wanted))
    if changed != sorted(case.creates):
        problems.append(f"files made or changed: {changed}, expected {sorted(case.creates)}")
    return problems


def accept(path, results):
    """Rewrites exit, stdout, stderr and creates of every case; all else stays."""
    with open(path, encoding="utf-8") as handle:
        text = handle.read()
    parts = re.split(r"(?m)^(?=\[)", text)
    by_name = {case.name: (case, actual) for case, actual in results}
    for i, part in enumerate(parts):
        if not part.startswith("["):
            continue
        case, actual = by_name.get(part.split("\n", 1)[0].strip("[]"), (None, None))
        if case is None or actual is None:
            continue
        code, out, err, changed = actual
        kept, skipping = [], False
        for line in part.rstrip("\n").split("\n"):
            if not line.startswith("|"):
                skipping = re.match(r"(exit|stdout#?|stderr|creates):", line) is not None
            if not skipping:
                kept.append(line)
        kept.append(f"exit: {code}")
        for stream, seen in (("stdout", out), ("stderr", err)):
            if seen and stream + "~" not in case.expected:
                kept.append(stream + ("#:" if stream + "#" in case.expected else ":"))
                kept += ["| " + line for line in seen.rstrip("\n").split("\n")]
        if changed:
            kept.append("creates: " + " ".join(changed))
        parts[i] = "\n".join(kept) + "\n\n"
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("".join(parts).rstrip("\n") + "\n")


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    only = None
    if "--only" in sys.argv:
        only = sys.argv[sys.argv.index("--only") + 1]
        words.remove(only)
    program, path = os.path.abspath(words[0]), words[1]
    results, failed = [], 0
    for case in parse(path):
        if only and only not in case.name:
            continue
        actual, problem = perform(case, program)
        problems = [problem] if problem else compare(case, actual)
        results.append((case, actual))
        if problems:
            failed += 1
            print(f"FAILED {path}:{case.line} [{case.name}]\n  {case.run}")
            for one in problems:
                print("  " + one)
    if "--accept" in sys.argv:
        accept(path, results)
    print(f"{len(results) - failed} of {len(results)} cases passed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
