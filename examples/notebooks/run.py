#!/usr/bin/env python3
"""Runs notebooks' cells and writes what they show back into them: text, and charts as pictures.

usage: run.py [--check] NOTEBOOK…        --check runs them and writes nothing
"""
import ast
import base64
import contextlib
import io
import json
import os
import pathlib
import sys


def run_cell(source, names):
    """(what was printed, the value of a last expression)."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
    return printed.getvalue(), value


def outputs_of(printed, value, count):
    out = []
    if printed:
        out.append({"output_type": "stream", "name": "stdout", "text": printed.splitlines(keepends=True)})
    if value is not None:
        data = {"text/plain": repr(value).splitlines(keepends=True)}
        if type(value).__module__.startswith("altair"):
            import vl_convert

            picture = vl_convert.vegalite_to_png(value.to_json(), scale=1)
            data = {"image/png": base64.b64encode(picture).decode(), "text/plain": ["<an Altair chart>"]}
        out.append({"output_type": "execute_result", "execution_count": count, "metadata": {}, "data": data})
    return out


def run(path):
    """The notebook with what its cells show."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    names, count = {"__name__": "__main__"}, 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
            cell["outputs"] = outputs_of(*run_cell("".join(cell["source"]), names), count)
    return notebook


def main():
    check = "--check" in sys.argv
    for name in sys.argv[1 + check :]:
        path = pathlib.Path(name).resolve()
        os.chdir(path.parent)
        notebook = run(path)
        if not check:
            path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
