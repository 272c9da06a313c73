"""Writes the C++ source that holds what every report page has: its style sheet and its one script.

usage: embed.py OUT.cpp

The script is the Vega runtime (vega, vega-lite, vega-embed with vega-interpreter, as PyPI's vl-convert-python carries them)
followed by page.js. Both texts are the same in every page, so the page's policy allows them by their hash and nothing else.
"""
import base64
import hashlib
import pathlib
import sys

import vl_convert

PIECE = 8000  # bytes in one string literal


def literal(text):
    data = text.encode()
    pieces = []
    for start in range(0, len(data), PIECE):
        piece = ""
        for byte in data[start:start + PIECE]:
            char = chr(byte)
            if char in '"\\?' or byte < 32 or byte > 126:
                piece += f"\\{byte:03o}"
            else:
                piece += char
        pieces.append(f'"{piece}"')
    return "\n".join(pieces)


def policy_hash(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def main():
    here = pathlib.Path(__file__).parent
    script = vl_convert.javascript_bundle().rstrip() + "\n" + (here / "page.js").read_text()
    style = (here / "page.css").read_text()
    for end in ("</script", "<!--", "</style"):
        if end in script or end in style:
            sys.exit(f"embed.py: {end} in the script or the style sheet would end it early")
    names = {"script": script, "script_hash": policy_hash(script), "style": style, "style_hash": policy_hash(style)}
    lines = ['#include "riata/report/page.hpp"\n', "namespace riata {\n"]
    for name, text in names.items():
        size = len(text.encode())
        lines.append(f"std::string_view page_{name}() {{\n  static constexpr char kText[] =\n{literal(text)};\n"
                     f"  return {{kText, {size}}};\n}}\n")
    lines.append("}  // namespace riata\n")
    pathlib.Path(sys.argv[1]).write_text("\n".join(lines))


main()
