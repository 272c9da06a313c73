#!/usr/bin/env python3
"""What the documents show is what is there. usage: check_docs.py ROOT PROGRAM [--accept]

- A ```console block is a session: its "$ command" lines run in a copy of examples/data with PROGRAM on the path, one folder
  a document, and must print what stands below them. Times and certificates differ from machine to machine: numbers before " s" and after "≤"
  do not count, nor do digits after the ninth. A line "…" stands for any number of lines.
- A block after <!-- the same as FILE --> holds that file.
- A link to a file leads to one.
- A translation (NAME.LANGUAGE.md) has the same blocks as NAME.md, comments apart.

--accept writes what the program printed into the sessions.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

FENCE = re.compile(r"```console\n(.*?)```", re.S)
COPY = re.compile(r"<!-- the same as (\S+) -->\n```\w*\n(.*?)```", re.S)
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.S | re.M)
TRANSLATION = re.compile(r"(\w+)\.[\w-]+\.md$")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def comparable(line):
    line = re.sub(r"\d[\d.]* s\b", "# s", line)
    line = re.sub(r"≤ \S+", "≤ #", line)
    return re.sub(r"\d+\.\d{9,}", lambda number: f"{float(number[0]):.9g}", line).rstrip()


def matches(expected, printed):
    """Whether the lines agree, "…" taking any number of printed lines."""
    if not expected:
        return not printed
    if expected[0] == "…":
        return any(matches(expected[1:], printed[k:]) for k in range(len(printed) + 1))
    return bool(printed) and comparable(expected[0]) == comparable(printed[0]) and matches(expected[1:], printed[1:])


def steps(session):
    """[(command, expected lines)]"""
    found = []
    for line in session.rstrip("\n").split("\n"):
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def run_session(session, folder):
    """The session with what the commands print in place of what stands there, and whether the two agree."""
    out, good = [], True
    environment = {**os.environ, "PATH": folder + ":" + os.environ["PATH"], "COLUMNS": "80"}
    for command, expected in steps(session):
        done = subprocess.run(command, shell=True, cwd=os.path.join(folder, "work"), env=environment, capture_output=True,
                              text=True, timeout=120)
        printed = done.stdout.rstrip("\n").split("\n") if done.stdout.strip() else []
        expected = "\n".join(expected).rstrip("\n").split("\n") if any(expected) else []
        if done.returncode != 0 or not matches(expected, printed):
            good = False
            print(f"$ {command}\nexit code {done.returncode}\n{done.stderr}printed:\n" + "\n".join(printed))
        out += [f"$ {command}"] + (expected if "…" in expected else printed)
    return "\n".join(out) + "\n", good


def run_sessions(text, root, program):
    """[(session, as printed, whether the two agree)] of a document."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(root, "examples", "data"), os.path.join(folder, "work"))
        os.symlink(os.path.abspath(program), os.path.join(folder, "riata"))
        return [(session, *run_session(session, folder)) for session in FENCE.findall(text)]


def blocks(text):
    """What a reader may copy out of a document, without comments."""
    return [[comparable(re.sub(r" *#.*", "", line)) for line in block.split("\n")] for block in BLOCK.findall(text)]


def translation_is_off(path, text):
    of = TRANSLATION.sub(r"\1.md", path)
    if of == path:
        return False
    with open(of, encoding="utf-8") as handle:
        off = blocks(handle.read()) != blocks(text)
    if off:
        print(f"{path}: its blocks are not those of {of}")
    return off


def check(path, root, program, accept):
    with open(path, encoding="utf-8") as handle:
        text = handle.read()
    wrong = int(translation_is_off(path, text))
    for name, block in COPY.findall(text):
        with open(os.path.join(root, name), encoding="utf-8") as handle:
            if handle.read() != block:
                print(f"{path}: the block that shows {name} differs from it")
                wrong += 1
    for link in LINK.findall(text):
        if not os.path.exists(os.path.join(os.path.dirname(path), link)):
            print(f"{path}: the link {link} leads nowhere")
            wrong += 1
    for session, new, good in run_sessions(text, root, program):
        if accept:
            text = text.replace(session, new)
        elif not good:
            print(f"{path}: a session prints something else")
            wrong += 1
    if accept:
        with open(path, "w", encoding="utf-8") as handle:
            handle.write(text)
    return wrong


def main():
    root, program = sys.argv[1:3]
    documents = [os.path.join(root, name) for name in sorted(os.listdir(root)) if name.endswith(".md")]
    for folder, _, names in sorted(os.walk(os.path.join(root, "docs"))):
        documents += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".md")]
    wrong = sum(check(path, root, program, "--accept" in sys.argv) for path in documents)
    print(f"{len(documents)} documents, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
