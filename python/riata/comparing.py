"""Which penalty for these data, and how a training went."""

from __future__ import annotations

from . import _engine, _inputs
from ._engine_door import COMPARE_OPTIONS, DIAGNOSE_OPTIONS, Page, fit_settings, said_in_python, settings_of, warn
from ._table import table_of


class _Kept:
    """What a pickle keeps of something the engine found."""

    def __init__(self, found):
        self._json, self._html, self._text = found.json(), found.html(), found.text(80)
        self.curves = getattr(found, "curves", None)

    def json(self):
        return self._json

    def html(self):
        return self._html

    def text(self, width):
        return self._text

    def report(self, path):
        _engine.write_whole(path, self._html)


class _KeptPage(Page):
    """A page whose pickle keeps what it shows."""

    def __getstate__(self):
        found = self._found if isinstance(self._found, _Kept) else _Kept(self._found)
        return {"_found": found, "_formula": self._formula, "_facts": None}


def compare(X, y, *, cv=None, sample_weight=None, offset=None, groups=None, n_jobs=None, **options) -> Comparison:
    """No penalty, L2, L1 and the elastic net side by side on the same folds, and which to use.

    The strength (and the mixture) is chosen inside each fold, so that the errors are honest. The same as ``riata compare``.

    Parameters
    ----------
    X, y, cv, sample_weight, offset, groups, n_jobs
        As of :func:`riata.fit_path`.
    **options
        As of :func:`riata.fit_path`, without those that are compared. With ``hidden`` the contest is on one network: trained to
        the end, stopped early, and under each penalty; then also activation, epochs, batch_size, learning_rate, precision,
        checkpoint (a folder: trainings that are finished are kept there, also after Ctrl-C), resume (train only what is not in
        that folder; the result is bit by bit that of a contest never stopped).

    Returns
    -------
    Comparison
        ``candidates``, ``differences``, ``measured`` and ``advice``; ``summary()`` and ``report(path)``.

    Raises
    ------
    ValueError
        For options and data that cannot be used; the message says what, and what to do.
    """
    rows = {"sample_weight": sample_weight, "offset": offset, "groups": groups}
    with said_in_python():
        settings, table, formula = fit_settings(X, y, cv, rows, options, COMPARE_OPTIONS)
        return Comparison(_engine.compare(settings, table, _inputs.threads(n_jobs), warn), formula)


class Comparison(_KeptPage):
    """Penalties side by side: ``candidates``, ``differences``, ``measured``, ``advice``.

    A pickle keeps facts, page and the summary at 80 columns.
    """

    def _columns(self):
        """A row a candidate; its coefficients stand in ``candidates`` alone."""
        first = self.candidates[0]
        plain = [name for name in first if not any(isinstance(one[name], dict) for one in self.candidates)]
        return {name: [one[name] for one in self.candidates] for name in plain}


def diagnose(log, **columns) -> Judgement:
    """Judge the learning curves of any trainer: fits, underfits, overfits from an epoch, no signal.

    Parameters
    ----------
    log : table
        A row an epoch, or a row a step: pandas, polars or Arrow.
    **columns
        Names of the columns where they are not found by themselves: epoch, training_loss, validation_loss,
        training_accuracy, validation_accuracy; null_loss, the validation loss of the null model; validation_rows.

    Returns
    -------
    Judgement
        As ``riata diagnose`` prints, with the curves.

    Raises
    ------
    ValueError
        For a log without a column that is a loss, or with cells that are not numbers.
    """
    with said_in_python():
        return Judgement(_engine.diagnose(settings_of(columns, DIAGNOSE_OPTIONS), table_of(log)[0]))


class Judgement(_KeptPage):
    """Learning curves judged: ``diagnosis``, ``best_epoch``, ``columns``, ….

    Made by :func:`diagnose`. A pickle keeps facts, curves, page and the summary at 80 columns.
    """

    def _columns(self):
        """The curves, a row an epoch."""
        return dict(self._found.curves)
