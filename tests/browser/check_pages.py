#!/usr/bin/env python3
"""Opens report pages in headless Chromium, offline, and uses them as a reader does.

    check_pages.py PROGRAM [--pictures FOLDER]

Every page draws all its figures without a message on the console, a request, or a scroll bar at a phone's width; the slider
moves table and marks; what it shows are the numbers of the JSON; hostile names stay text.
"""
import argparse
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

from browser import Browser

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent.parent / "examples" / "data"
HOSTILE = ["</script><script>window.hurt=1</script>", "<img src=x onerror=window.hurt=1>", "\"'><b>bold", "a\u202eb",
           "{{constructor}}", "__proto__", "L" * 300]


def table(path, names, n, target):
    rng = random.Random(1)
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join('"' + name.replace('"', '""') + '"' for name in names + ["y"]) + "\n")
        for _ in range(n):
            row = [rng.gauss(0, 1) for _ in names]
            y = target(row, rng)
            file.write(",".join([f"{value:.4f}" for value in row] + [y if isinstance(y, str) else f"{y:.4f}"]) + "\n")


class Pages:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def riata(self, *words):
        done = subprocess.run([self.program, *map(str, words)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fit(self, name, source, *words):
        """Page, model and JSON of one run."""
        page, model = self.folder / f"{name}.html", self.folder / f"{name}.json"
        out = self.riata("fit", source, "--report", page, "--model", model, "--format", "json", "--quiet", *words)
        return page, model, json.loads(out)


def check_quiet(browser, page):
    messages = browser.log()
    assert not messages, f"{page.name}: {messages}"
    outside = [url for url in browser.requests() if not (url.startswith("file://" + str(page.parent)) or url.startswith("data:"))]
    assert not outside, f"{page.name} asks for {outside}"


def check_shape(browser, page):
    for width in (390, 1400):
        browser.screen(width)
        browser.open(page)
        wide = browser.run("return document.documentElement.scrollWidth")
        assert wide <= width, f"{page.name} is {wide} wide on a screen of {width}"
        charts, drawn = browser.run("return [document.querySelectorAll('.chart').length, "
                                    "document.querySelectorAll('.chart svg').length]")
        assert charts == drawn, f"{page.name}: {drawn} of {charts} figures are drawn"
        check_quiet(browser, page)


ROWS = """return [...document.querySelectorAll('#coefficients tbody tr')].map(row => [row.cells[0].textContent,
  Number(row.cells[1].querySelector('data').value), Number(row.cells[2].querySelector('data').value), row.textContent])"""


def inert(numbers):
    """By name, as the page writes names: without marks that change the direction of writing."""
    return {name.replace("\u202e", "\ufffd"): value for name, value in numbers.items()}


MARK = """const all = [...document.querySelectorAll('#path-chart svg .mark-rule path, #path-chart svg .mark-rule line')];
  return all[all.length - 1].getAttribute('transform')"""


POINT = """const all = [...document.querySelectorAll('#validation-chart svg .mark-symbol path')];
  return all.length && all[all.length - 1].getAttribute('transform')"""


def move(browser, position):
    browser.run("const s = document.getElementById('slider'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))",
                position)
    browser.driver.execute_async_script("setTimeout(arguments[0], 150)")


def check_slider(browser, pages, page, model, facts):
    browser.screen(1400)
    browser.open(page)
    start = browser.run("return Number(document.getElementById('slider').value)")
    before, mark, point_at = browser.run(ROWS), browser.run(MARK), browser.run(POINT)
    assert point_at, "no point on the curve of the error"
    assert {row[0]: row[1] for row in before} == inert(facts["coefficients"])
    assert {row[0]: row[2] for row in before} == inert(facts["standardized_coefficients"])
    last = int(browser.run("return document.getElementById('slider').max"))
    lambdas = [point["lambda"] for point in facts["path"]]
    for position in (0, last // 3, last):
        move(browser, position)
        at = browser.run("return JSON.parse(document.getElementById('data').textContent).path.lambda[arguments[0]]", position)
        assert at in lambdas
        point = json.loads(pages.riata("inspect", model, "--lambda", repr(at), "--format", "json"))
        shown = browser.run(ROWS)
        assert {row[0]: row[1] for row in shown} == inert(point["coefficients"]), (page.name, at)
        assert {row[0]: row[2] for row in shown} == inert(point["standardized_coefficients"]), position
        said = browser.run("return document.getElementById('slider-says').textContent")
        assert f"{point['path'][lambdas.index(at)]['n_nonzero']:,} non-zero" in said, said
        assert position == start or browser.run(MARK) != mark, "the mark did not move"
        assert position == start or browser.run(POINT) != point_at, "the point did not move"
    move(browser, start)
    assert browser.run(ROWS) == before and browser.run(MARK) == mark
    browser.run("document.getElementById('slider').focus()")
    step = 1 if start < last else -1
    browser.driver.switch_to.active_element.send_keys("\ue014" if step > 0 else "\ue012")  # an arrow key
    assert browser.run("return Number(document.getElementById('slider').value)") == start + step
    check_keys(browser, len(before))
    check_quiet(browser, page)


LINES = "return [...document.querySelectorAll('#path-chart svg .mark-line path')].map(one => one.outerHTML).join()"
ENTER, TAB, DOWN, END = "\ue007", "\ue004", "\ue015", "\ue010"


def check_keys(browser, n_rows):
    """Of the page that is open: its buttons and the rows of its table are used by keys alone."""
    def focused():
        return browser.driver.switch_to.active_element

    def settled():
        browser.driver.execute_async_script("setTimeout(arguments[0], 150)")
        return browser.run(LINES)
    assert browser.run("return document.getElementById('slider-says').getAttribute('aria-live')") == "polite"
    focused().send_keys(TAB)
    assert browser.run("return document.activeElement.textContent") == "chosen"
    focused().send_keys(ENTER)
    said = browser.run("return document.getElementById('slider-says').textContent")
    assert "(" in said and said.startswith(browser.run("return document.getElementById('slider').getAttribute('aria-valuetext')"))
    if n_rows == 0:
        return
    shown = settled()
    browser.run("document.querySelector('#coefficients tbody tr').focus()")
    first = settled()
    assert first != shown, "the line of the row is not brought out"
    stops = browser.run("return document.querySelectorAll('#coefficients tr[tabindex=\"0\"]').length")
    assert stops == 1, f"{stops} rows are stops of the Tab key"
    if n_rows > 1:
        focused().send_keys(DOWN)
        assert settled() not in (first, shown), "the arrow key does not reach the second row"
        focused().send_keys(END)
        assert browser.run("return document.activeElement.rowIndex") == n_rows
    browser.run("document.activeElement.blur()")
    assert settled() == shown


def numbers_of(value):
    if isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from numbers_of(one)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value)


def is_count(value):
    return value.is_integer() and value < 1e6


def drawn(spec):
    """Rows of data in a specification."""
    for key, value in spec.items() if isinstance(spec, dict) else enumerate(spec):
        if key == "values":
            yield from value
        elif isinstance(value, (dict, list)):
            yield from drawn(value)


def check_figures(browser, page, facts):
    """Of the page that is open: every number that a figure draws, apart from counts and places, is one of the JSON's."""
    known = set(numbers_of(facts))
    deviations = facts.get("standard_deviations", {})
    for row in facts.get("trajectory", []) + facts.get("other_trajectory", []):
        known.update(value * deviations[name] for name, value in row["coefficients"].items())
    charts = browser.run("return JSON.parse(document.getElementById('data').textContent).charts")
    for chart in charts:
        for row in drawn(chart["spec"]):
            alien = {key: value for key, value in row.items() if isinstance(value, float) and not is_count(value) and value not in known}
            assert not alien, f"{page.name}: {chart['id']} draws {alien}"
    return len(charts)


def check_numbers(browser, page, facts):
    """Of the page that is open: every number that is marked as one, apart from counts, is one of the JSON's."""
    known = set(numbers_of(facts))
    for text, shown in browser.run("return [...document.querySelectorAll('main data')]"
                                   ".map(one => [one.value, one.textContent])"):
        value = float(text)
        if is_count(value):
            continue
        assert value in known, f"{page.name} shows {shown} = {text}"
        digits = shown.replace(",", "").replace("+", "").replace(" %", "")
        number = float(digits) / (100 if "%" in shown else 1)
        mantissa, _, exponent = digits.partition("e")
        unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])) / (100 if "%" in shown else 1)
        assert math.isclose(number, value, rel_tol=6e-3, abs_tol=0.51 * unit), shown
    check_figures(browser, page, facts)


def check_hostile(browser, page):
    browser.open(page)
    hurt, scripts, images, bold = browser.run(
        "return [window.hurt, document.scripts.length, document.images.length, document.querySelectorAll('b').length]")
    assert hurt is None and scripts == 2 and images == 0 and bold == 0
    names = [row[0] for row in browser.run(ROWS)]
    assert HOSTILE[0] in names and HOSTILE[1] in names, names


def check_speed(browser, page, limit_bytes):
    """Size, and the processor seconds of the page's own thread until it can be used: other programs do not count."""
    size = page.stat().st_size
    assert size <= limit_bytes, f"{page.name} is {size} bytes"
    browser.screen(1400)
    seconds = min(browser.work(page) for _ in range(2))
    assert 0.01 < seconds <= 2, f"{page.name} takes {seconds:.2f} s"
    print(f"{page.name}: {size / 1e6:.2f} MB, ready after {seconds:.2f} processor seconds")


def pictures(browser, page, folder):
    for width in (390, 1400):
        for dark in (False, True):
            browser.screen(width, dark)
            browser.open(page)
            browser.picture(folder / f"{page.stem}-{width}-{'dark' if dark else 'light'}.png")
    browser.screen(800, media="print")
    browser.open(page)
    browser.picture(folder / f"{page.stem}-print.png")


def others(pages, folder, diabetes):
    """Pages of comparisons and of networks, with their JSON."""
    def made(name, *words):
        page = folder / f"{name}.html"
        return page, json.loads(pages.riata(*words, "--report", page, "--format", "json", "--quiet"))
    yield made("compare", "compare", *diabetes, "--lambdas", "30")
    yield made("contest", "compare", *diabetes, "--hidden", "16", "--epochs", "200", "--lambdas", "3", "--folds", "3")
    yield made("overfits", "train", *diabetes, "--hidden", "64", "--epochs", "400", "--model", folder / "net.safetensors")
    yield made("network", "train", *diabetes, "--hidden", "16", "--epochs", "300", "--patience", "30", "--penalty", "l1",
               "--lambdas", "8", "--folds", "3", "--twin")
    yield made("classes-network", "train", folder / "classes.csv", "--target", "y", "--hidden", "6", "--epochs", "60")
    yield made("levels-network", "train", folder / "levels.csv", "--target", "y", "--hidden", "6", "--epochs", "60")
    yield made("lassonet", "train", *diabetes, "--hidden", "6", "--epochs", "40", "--penalty", "lassonet", "--lambdas", "6")
    yield made("hostile-network", "train", folder / "hostile.csv", "--target", "y", "--hidden", "4", "--epochs", "50",
               "--penalty", "l1", "--lambda", "0.5")
    with open(folder / "log.csv", "w", encoding="utf-8") as file:
        file.write("epoch,loss,val_loss\n")
        file.writelines(f"{e},{1 / e + 0.013:.4f},{0.5 + (e - 12) ** 2 / 300:.4f}\n" for e in range(1, 41))
    yield made("diagnosed", "diagnose", folder / "log.csv")
    page = folder / "network-again.html"
    pages.riata("report", folder / "net.safetensors", "-o", page)
    yield page, json.loads(pages.riata("inspect", folder / "net.safetensors", "--format", "json"))


def check_usable(browser, page):
    """Of the page that is open: every figure says in words what it shows, headings come in order, and a table that scrolls is reached by keyboard."""
    silent, levels, unreachable = browser.run("""
      const labels = [...document.querySelectorAll('.chart')].filter(chart => !(chart.getAttribute('aria-label') ||
        chart.querySelector('[role="graphics-document"]')?.getAttribute('aria-label')));
      const levels = [...document.querySelectorAll('h1, h2, h3')].map(h => Number(h.tagName[1]));
      const scrolls = [...document.querySelectorAll('.scroll')].filter(e => e.tabIndex !== 0 || !e.getAttribute('aria-label'));
      return [labels.length, levels, scrolls.length]""")
    assert silent == 0, f"{page.name}: {silent} figures without a description"
    assert levels[0] == 1 and levels.count(1) == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:])), levels
    assert unreachable == 0, page.name
    untold = browser.run("""return [...document.querySelectorAll('.scroll')].filter(e => (e.scrollHeight > e.clientHeight + 40 ||
      e.scrollWidth > e.clientWidth + 8) && !e.nextElementSibling.textContent.startsWith('Scroll the table: ')).length""")
    assert untold == 0, f"{page.name}: {untold} tables are cut and do not say so"
    browser.screen(800, media="print")
    hidden = browser.run("return [...document.querySelectorAll('.scroll')].filter(e => e.scrollHeight > e.clientHeight + 1).length")
    assert hidden == 0, f"{page.name}: a table is cut off in print"
    hurt, scripts, images = browser.run("return [window.hurt, document.scripts.length, document.images.length]")
    assert hurt is None and scripts == 2 and images == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--pictures", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        pages = Pages(arguments.program, folder)
        diabetes = (DATA / "diabetes.csv", "--target", "progression")
        table(folder / "hostile.csv", HOSTILE, 60, lambda x, rng: 3 * x[0] - 2 * x[1] + x[2] + 2 * x[-1] + rng.gauss(0, 1))
        table(folder / "wide.csv", [f"gene{j}" for j in range(20000)], 60,
              lambda x, rng: sum(x[:5]) + rng.gauss(0, 1))
        table(folder / "classes.csv", ["a", "b", "c", "d"], 200, lambda x, rng: "yes" if x[0] + rng.gauss(0, 1) > 0 else "no")
        table(folder / "levels.csv", ["a", "b", "c"], 200, lambda x, rng: "low mid high".split()[int(x[0] > 0) + int(x[1] > 0)])
        made = {
            "lasso": pages.fit("lasso", *diabetes, "--penalty", "l1"),
            "ridge": pages.fit("ridge", *diabetes, "--select", "min"),
            "none": pages.fit("none", *diabetes, "--penalty", "none"),
            "one": pages.fit("one", *diabetes, "--penalty", "elastic-net", "--lambda", "1"),
            "descent": pages.fit("descent", *diabetes, "--penalty", "l1", "--solver", "gradient-descent", "--lambda", "2",
                                 "--iterations", "2000"),
            "spectra": pages.fit("spectra", DATA / "meats.csv", "--target", "fat", "--penalty", "elastic-net"),
            "hostile": pages.fit("hostile", folder / "hostile.csv", "--target", "y", "--penalty", "l1"),
            "classes": pages.fit("classes", folder / "classes.csv", "--target", "y", "--penalty", "l1"),
            "wide": pages.fit("wide", folder / "wide.csv", "--target", "y", "--penalty", "l1"),
            "wide-ridge": pages.fit("wide-ridge", folder / "wide.csv", "--target", "y"),
        }
        browser = Browser()
        try:
            for page, model, facts in made.values():
                check_shape(browser, page)
                check_numbers(browser, page, facts)
                check_usable(browser, page)
                if arguments.pictures:
                    arguments.pictures.mkdir(parents=True, exist_ok=True)
                    pictures(browser, page, arguments.pictures)
            for kind in ("lasso", "ridge", "spectra", "classes", "hostile", "wide"):
                check_slider(browser, pages, *made[kind])
            check_hostile(browser, made["hostile"][0])
            check_speed(browser, made["lasso"][0], 1_500_000)
            check_speed(browser, made["wide"][0], 5_000_000)
            check_speed(browser, made["wide-ridge"][0], 5_000_000)
            for page, facts in others(pages, folder, diabetes):
                check_shape(browser, page)
                check_numbers(browser, page, facts)
                check_usable(browser, page)
                if arguments.pictures:
                    pictures(browser, page, arguments.pictures)
            again = folder / "again.html"
            pages.riata("report", made["lasso"][1], "-o", again)
            check_shape(browser, again)
            check_slider(browser, pages, again, made["lasso"][1], made["lasso"][2])
        finally:
            browser.close()
    print("pages: all as they should be")


if __name__ == "__main__":
    sys.exit(main())
