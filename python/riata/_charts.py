"""The report page's figures as Altair charts."""

import json
import re


class Figures:
    """The figures of a result's page: Vega-Lite specifications that need nothing but themselves."""

    def __init__(self, page):
        found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
        assert found is not None
        held = json.loads(found[1])
        self._colours = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", page.partition("@media")[0]))
        path = held["path"]
        made = {"path": _path_rows(path), "validation": _validation_rows(path)} if path else {}
        self._specifications = {}
        for chart in held["charts"]:
            specification = chart["spec"]
            if "datasets" in chart:
                specification["datasets"] = {name: made[name] for name in chart["datasets"]}
            self._specifications[chart["id"].removesuffix("-chart")] = specification

    @property
    def names(self):
        """What there is."""
        return list(self._specifications)

    def specification(self, name):
        """Vega-Lite as a dict, in the page's light colours."""
        if name not in self._specifications:
            raise ValueError(f"there is no figure {name!r}; there are {', '.join(self.names)}")
        text = re.sub(r"var\(--([a-z0-9-]+)\)", lambda match: self._colours[match[1]], json.dumps(self._specifications[name]))
        return _explicit({**json.loads(text), "width": 560, "background": self._colours["paper"]})

    def chart(self, name=None):
        """An Altair chart of one figure, or of all below each other."""
        try:
            import altair
        except ImportError:
            raise ImportError("plot() draws with altair: pip install altair") from None
        if name is not None:
            return altair.Chart.from_dict(self.specification(name))
        return altair.VConcatChart.from_dict(_below_each_other([self.specification(each) for each in self.names]))


def _below_each_other(specifications):
    """One specification. Variables and data move to its top; data take a number, because figures may use one name."""
    out = {key: specifications[0][key] for key in ("$schema", "config", "background", "padding")}
    inner, datasets, variables = [], {}, {}
    for position, each in enumerate(specifications):
        names = {name: f"{name}-{position}" for name in each.get("datasets", {})}
        datasets.update({names[name]: rows for name, rows in each.get("datasets", {}).items()})
        variables.update({one["name"]: one for one in each.get("params", []) if "select" not in one})
        own = {key: value for key, value in each.items() if key not in (*out, "autosize", "datasets", "params")}
        selections = [one for one in each.get("params", []) if "select" in one]
        inner.append(_with_names({**own, **({"params": selections} if selections else {})}, names))
    out.update(vconcat=inner, datasets=datasets, params=list(variables.values()))
    return {**out, "resolve": {"scale": {"color": "independent"}}}


def _explicit(specification):
    """Without inherited channels: a layer's null, which says that it inherits none, is not in Vega-Lite's schema."""
    layers = specification.get("layer", [])
    if not any(None in layer.get("encoding", {}).values() for layer in layers):
        return specification
    shared = specification.pop("encoding")
    for layer in layers:
        channels = {**shared, **layer.get("encoding", {})}
        layer["encoding"] = {name: channel for name, channel in channels.items() if channel is not None}
    return specification


def _with_names(part, renamed):
    if isinstance(part, list):
        return [_with_names(each, renamed) for each in part]
    if not isinstance(part, dict):
        return part
    out = {key: _with_names(value, renamed) for key, value in part.items()}
    if isinstance(out.get("data"), dict) and out["data"].get("name") in renamed:
        out["data"] = {**out["data"], "name": renamed[out["data"]["name"]]}
    return out


def _path_rows(path):
    """A row a feature and strength, as the page draws them."""
    return [
        {"f": f, "feature": name, "lambda": strength, "value": value * path["standard_deviation"][f], "colour": path["colour"][f]}
        for f, name in enumerate(path["features"])
        for strength, value in zip(path["lambda"], path["coefficients"][f])
        if strength > 0
    ]


def _validation_rows(path):
    rows = zip(path["lambda"], path.get("mean", []), path.get("standard_error", []))
    return [
        {"lambda": strength, "k": k, "mean": mean, "low": mean - (error or 0), "high": mean + (error or 0)}
        for k, (strength, mean, error) in enumerate(rows)
        if strength > 0
    ]
