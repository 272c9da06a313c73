"""Which penalty for these data, and how a training went."""

from . import _engine, _inputs
from ._engine_door import COMPARE_OPTIONS, DIAGNOSE_OPTIONS, Page, fit_settings, said_in_python, settings_of
from ._table import table_of


def compare(X, y, *, cv=None, sample_weight=None, offset=None, groups=None, n_jobs=None, **options):
    """No penalty, L2, L1 and the elastic net side by side on the same folds, and which to use.

    The strength (and the mixture) is chosen inside each fold, so that the errors are honest. The same as ``riata compare``.

    Parameters
    ----------
    X, y, cv, sample_weight, offset, groups, n_jobs
        As of :func:`riata.fit_path`.
    **options
        As of :func:`riata.fit_path`, without those that are compared. With ``hidden`` the contest is on one network: trained to
        the end, stopped early, and under each penalty; then also activation, epochs, batch_size, learning_rate, precision.

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
        return Comparison(_engine.compare(settings, table, _inputs.threads(n_jobs)), formula)


class Comparison(Page):
    """Penalties side by side: ``candidates``, ``differences``, ``measured``, ``advice``."""

    def _columns(self):
        """A row a candidate; its coefficients stand in ``candidates`` alone."""
        plain = [name for name, value in self.candidates[0].items() if not isinstance(value, dict)]
        return {name: [one[name] for one in self.candidates] for name in plain}


def diagnose(log, **columns):
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


class Judgement(Page):
    """Learning curves judged: ``diagnosis``, ``best_epoch``, ``columns``, ….

    Made by :func:`diagnose`.
    """

    def _columns(self):
        """The curves, a row an epoch."""
        return dict(self._found.curves)
