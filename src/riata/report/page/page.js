// The one script of a report page: draws the specifications the page holds, and lets a slider walk along the path.
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const path = data.path;
  const views = {};

  // As significant() of report/text_table.cpp, and html::number().
  function significant(value, digits = 4) {
    if (value === null) return "–";
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size < 1e-4 || size >= 1e7) return value.toExponential(digits - 1).replace(/e([+-])(\d)$/, "e$10$2");
    const fixed = value.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
    return /^-?\d{5,}$/.test(fixed) ? fixed.replace(/\B(?=(\d{3})+$)/g, ",") : fixed;
  }

  const perSd = (feature, k) => path.coefficients[feature][k] * path.standard_deviation[feature];

  // One row a feature and λ; zeros that have zeros on both sides are not needed to draw a line.
  function pathRows() {
    const rows = [];
    const last = path.lambda.length - 1;
    path.features.forEach((name, f) => {
      const zero = (k) => k < 0 || k > last || path.coefficients[f][k] === 0;
      for (let k = 0; k <= last; ++k) {
        if (!(path.lambda[k] > 0) || (k > 0 && k < last && zero(k - 1) && zero(k) && zero(k + 1))) continue;
        rows.push({ f, feature: name, lambda: path.lambda[k], value: perSd(f, k), colour: path.colour[f] });
      }
    });
    return rows;
  }

  function validationRows() {
    if (!path.mean) return [];
    return path.lambda.map((lambda, k) => ({
      lambda, k, mean: path.mean[k],
      low: path.mean[k] - (path.standard_error[k] || 0), high: path.mean[k] + (path.standard_error[k] || 0),
    })).filter((row) => row.lambda > 0);
  }

  async function draw() {
    const datasets = path ? { path: pathRows(), validation: validationRows() } : {};
    for (const chart of data.charts) {
      const place = document.getElementById(chart.id);
      const spec = Object.assign({}, chart.spec);
      if (chart.datasets) spec.datasets = Object.fromEntries(chart.datasets.map((name) => [name, datasets[name]]));
      const result = await vegaEmbed(place, spec, {
        ast: true, actions: false, renderer: "svg", logLevel: 1, defaultStyle: false, tooltip: { disableDefaultStyle: true },
      });
      views[chart.id] = result.view;
    }
  }

  function setSignal(name, value) {
    for (const view of Object.values(views)) {
      try { view.signal(name, value).runAsync(); } catch (error) { /* a chart without this signal */ }
    }
  }

  function cell(row, text, value) {
    const td = row.insertCell();
    const number = document.createElement("data");
    number.value = value === null ? "" : String(value);
    number.textContent = text;
    td.append(number);
  }

  function fillTable(k) {
    const body = document.querySelector("#coefficients tbody");
    const shown = path.features.map((name, f) => ({ name, f, value: path.coefficients[f][k], effect: perSd(f, k) }))
      .filter((one) => one.value !== 0)
      .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect) || path.order[a.f] - path.order[b.f]);
    const rows = shown.map((one, i) => {
      const row = document.createElement("tr");
      row.dataset.feature = one.f;
      row.tabIndex = i === 0 ? 0 : -1;
      const name = row.insertCell();
      const swatch = document.createElement("span");
      swatch.className = "swatch" + (path.colour[one.f] < 8 ? " s" + path.colour[one.f] : "");
      const text = document.createElement("bdi");
      text.textContent = one.name;
      name.append(swatch, text);
      cell(row, significant(one.value), one.value);
      cell(row, significant(one.effect), one.effect);
      return row;
    });
    body.replaceChildren(...rows);
  }

  function say(k) {
    const words = ["λ = " + significant(path.lambda[k]), path.n_nonzero[k].toLocaleString("en") + " non-zero"];
    if (path.mean) {
      const error = path.standard_error[k];
      words.push(path.measure + " " + significant(path.mean[k]) + (error === null ? "" : " ± " + significant(error, 3)));
    }
    const marks = path.marks.filter((mark) => mark.position === k).map((mark) => mark.name);
    document.getElementById("slider-says").textContent = words.join(", ") + (marks.length ? " (" + marks.join(", ") + ")" : "");
    return words.join(", ");
  }

  function go(k) {
    const slider = document.getElementById("slider");
    slider.value = k;
    slider.setAttribute("aria-valuetext", say(k));
    fillTable(k);
    setSignal("at", path.lambda[k]);
  }

  function highlight(feature) { setSignal("focus", feature); }

  // The rows are one stop of the Tab key; arrows go from row to row.
  function walkRows(event) {
    const row = event.target.closest("tr[data-feature]");
    if (!row) return;
    const rows = row.parentElement.rows;
    const next = {
      ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, Home: rows[0], End: rows[rows.length - 1],
    }[event.key];
    if (!next) return;
    event.preventDefault();
    row.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  function listen() {
    const slider = document.getElementById("slider");
    if (!slider) return;
    go(Number(slider.value));
    slider.addEventListener("input", () => go(Number(slider.value)));
    for (const button of document.querySelectorAll("button[data-position]")) {
      button.addEventListener("click", () => go(Number(button.dataset.position)));
    }
    const table = document.getElementById("coefficients");
    const featureOf = (event) => {
      const row = event.target.closest("tr[data-feature]");
      return row ? Number(row.dataset.feature) : -1;
    };
    for (const type of ["pointerover", "focusin"]) table.addEventListener(type, (event) => highlight(featureOf(event)));
    table.addEventListener("keydown", walkRows);
    for (const type of ["pointerleave", "focusout"]) table.addEventListener(type, () => highlight(-1));
    const chart = views["path-chart"];
    if (!chart) return;
    chart.addEventListener("pointerover", (event, item) => {
      if (item && item.datum && item.datum.f !== undefined) highlight(item.datum.f);
    });
    chart.addEventListener("pointerout", () => highlight(-1));
  }

  // Under every table that is cut: what is out of sight.
  function tellMore() {
    for (const box of document.querySelectorAll(".scroll")) {
      const edge = box.getBoundingClientRect();
      const below = [...box.querySelectorAll("tbody tr")].filter((row) => row.getBoundingClientRect().bottom > edge.bottom + 8).length;
      const right = box.scrollWidth - box.clientWidth - box.scrollLeft > 8;
      const words = [];
      if (below > 0) words.push(below.toLocaleString("en") + " more below");
      if (right) words.push("more to the right");
      const more = box.nextElementSibling;
      const text = words.length ? "Scroll the table: " + words.join(", ") : box.scrollTop + box.scrollLeft > 0 ? "The end of the table" : "";
      if (more.textContent !== text) more.textContent = text;
    }
  }

  function watchTables() {
    const seen = new ResizeObserver(tellMore);
    for (const box of document.querySelectorAll(".scroll")) {
      box.addEventListener("scroll", tellMore, { passive: true });
      seen.observe(box);
      seen.observe(box.firstElementChild);
    }
  }

  watchTables();
  draw().then(() => {
    listen();
    performance.mark("ready");
    document.documentElement.dataset.ready = "yes";
  }, (error) => {
    document.documentElement.dataset.ready = "failed";
    console.error(error);
  });
})();
