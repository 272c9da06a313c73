"""For networks that stay in PyTorch: exact zeros under its optimisers, and weight decay without biases and norms.

Needs torch; nothing else of the package does.
"""

import inspect
from typing import Any

import torch

__all__ = ["ProximalOptimizer", "decay_groups"]


def decay_groups(model, weight_decay):
    """Parameter groups for an optimiser: weights decay, biases and the parameters of norms do not.

    Parameters
    ----------
    model : torch.nn.Module
        The network. Frozen parameters are left out, shared ones come once.
    weight_decay : float
        For the weights.

    Returns
    -------
    list of dict
        ``torch.optim.AdamW(decay_groups(model, 0.01), lr=1e-3)``.
    """
    decayed: list[torch.nn.Parameter] = []
    others: list[torch.nn.Parameter] = []
    seen: set[int] = set()
    for module in model.modules():
        is_norm = isinstance(module, (torch.nn.LayerNorm, torch.nn.GroupNorm)) or "Norm" in type(module).__name__
        for parameter in module.parameters(recurse=False):
            if id(parameter) in seen or not parameter.requires_grad:
                continue
            seen.add(id(parameter))
            (others if is_norm or parameter.ndim < 2 else decayed).append(parameter)
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


class ProximalOptimizer(torch.optim.Optimizer):
    """An optimiser of PyTorch's whose every step ends with the proximal map of an L1 or group lasso penalty.

    Weights become exactly zero, and where training comes to rest the conditions of

        loss + l1 sum |w| + group_lasso sum_groups sqrt(size) |w_group|_2

    hold: the threshold of a weight is the strength times the long-run step that a constant unit gradient would cause, which
    for adaptive optimisers differs from weight to weight. (Adding the penalty to the loss instead leaves weights hovering
    about zero; one threshold for all weights under Adam solves another problem.)

    Penalised are parameters of two dimensions and more; biases and norms are not. A parameter group of the optimiser may have
    strengths of its own under the keys "l1" and "group_lasso", which then hold for all of its parameters.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        PyTorch's SGD, Adam, AdamW, NAdam, RAdam, Adamax, RMSprop, Adagrad or Adadelta, or a class derived from one that steps as
        it does; any other with `unit_step`. Of PyTorch's the others have no step of their own for each weight that a proximal
        map could follow (LBFGS, Rprop), an average in place of the weights (ASGD), or no dense gradients (SparseAdam).
        Learning-rate schedulers and whatever else takes an optimiser take the one or the other: they share their parameter
        groups and state.
    l1 : float, default=0.0
        Strength for each weight.
    group_lasso : float, default=0.0
        Strength for groups: all weights that leave one input or one unit of the layer below (for convolutions, one channel),
        which go together.
    unit_step : callable or None, default=None
        For an optimiser of another kind: ``unit_step(group, state)``, of a parameter's group and its state after a step, is the
        length of the step that the optimiser would in the long run take, again and again, for a gradient that is one more: a
        number, or a tensor of the parameter's shape. For gradients scaled by d that is lr/d, and with momentum m lr/(d (1 - m)).
        It cannot be read off any optimiser: where steps depend on the gradient's sign alone, or on other weights' gradients, no
        such number exists, and the penalised problem is not the one that is solved.

    References
    ----------
    Parikh & Boyd (2014), Found. Trends Optim. 1(3); Yuan & Lin (2006), J. R. Stat. Soc. B 68, 49-67.
    """

    def __init__(self, optimizer, *, l1=0.0, group_lasso=0.0, unit_step=None):
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise TypeError(f"optimizer is {type(optimizer).__name__}: give one of torch.optim's, made for the network's parameters")
        unit_step = _unit_step_of(optimizer) if unit_step is None else unit_step
        if l1 < 0 or group_lasso < 0:
            raise ValueError("strengths are at least 0")
        self.__setstate__({"optimizer": optimizer, "l1": l1, "group_lasso": group_lasso, "unit_step": unit_step})

    def __getstate__(self):
        return {name: getattr(self, name) for name in ("optimizer", "l1", "group_lasso", "unit_step")}

    def __setstate__(self, state):
        """In place of the base class's constructor, which would make parameter groups of its own."""
        wrapped = state["optimizer"]
        super().__setstate__({**state, "defaults": wrapped.defaults, "state": wrapped.state, "param_groups": wrapped.param_groups})

    def zero_grad(self, *args, **kwargs):
        """As the wrapped optimiser's."""
        self.optimizer.zero_grad(*args, **kwargs)

    def state_dict(self):
        """The wrapped optimiser's: the proximal map has no state."""
        return self.optimizer.state_dict()

    def load_state_dict(self, state):
        """As the wrapped optimiser's."""
        self.optimizer.load_state_dict(state)
        self.state, self.param_groups = self.optimizer.state, self.optimizer.param_groups

    def add_param_group(self, group):
        """As the wrapped optimiser's."""
        self.optimizer.add_param_group(group)

    def step(self, closure=None):
        """One step, and the proximal map in that step's metric.

        Parameters
        ----------
        closure : callable or None, default=None
            As for the wrapped optimiser.

        Returns
        -------
        object
            What the wrapped optimiser returns.
        """
        result = self.optimizer.step(closure)
        with torch.no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self._shrink(group, parameter)
        return result

    def _shrink(self, group, parameter):
        weight = parameter.ndim >= 2
        l1 = group.get("l1", self.l1 if weight else 0.0)
        group_lasso = group.get("group_lasso", self.group_lasso if weight else 0.0)
        if l1 == 0 and group_lasso == 0:
            return
        unit = self.unit_step(group, self.state.get(parameter, {}))
        if l1 > 0:
            parameter.copy_(parameter.sign() * (parameter.abs() - l1 * unit).clamp_min(0))
        if group_lasso > 0:
            _shrink_groups(parameter, unit, group_lasso)


def _shrink_groups(parameter, unit, strength):
    """The prox of the group norm in the metric 1/unit: zero iff |z/unit| <= s, else z t/(t + s unit) with t the root of
    sum z^2/(t + s unit)^2 = 1."""

    def by_group(tensor):
        return tensor.movedim(1, 0).reshape(tensor.shape[1], -1) if tensor.ndim >= 2 else tensor.reshape(-1, 1)

    z = by_group(parameter).double()
    u = by_group(unit.expand_as(parameter) if torch.is_tensor(unit) else torch.full_like(parameter, unit)).double()
    s = strength * z.shape[1] ** 0.5
    norm = z.norm(dim=1, keepdim=True)
    low = (norm - s * u.amax(dim=1, keepdim=True)).clamp_min(0)
    high = torch.maximum(low, norm - s * u.amin(dim=1, keepdim=True))
    t = low
    for _ in range(60):
        share = z.square() / (t + s * u).square()
        total, slope = share.sum(dim=1, keepdim=True), (share / (t + s * u)).sum(dim=1, keepdim=True)
        low, high = torch.where(total > 1, t, low), torch.where(total > 1, high, t)
        newton = t + total * (total.sqrt() - 1) / slope
        moved = torch.where((newton > low) & (newton < high), newton, (low + high) / 2)
        if torch.equal(moved, t) or bool(((high - low) <= 1e-15 * high).all()):
            break
        t = moved
    alive = (z / u).norm(dim=1, keepdim=True) > s
    shrunk = torch.where(alive, z * (t / (t + s * u)), torch.zeros_like(z)).to(parameter.dtype)
    if parameter.ndim >= 2:
        shape = parameter.movedim(1, 0).shape
        parameter.copy_(shrunk.reshape(shape).movedim(0, 1))
    else:
        parameter.copy_(shrunk.reshape(parameter.shape))


# The long-run step that a constant unit gradient causes: a number, or a tensor with one for each weight.


def _sgd(group, state):
    return group["lr"] * (1 - group["dampening"]) / (1 - group["momentum"])


def _adam(group, state):
    second = state["max_exp_avg_sq"] if group.get("amsgrad") else state["exp_avg_sq"]
    correction = 1 - group["betas"][1] ** float(state["step"])
    return group["lr"] / ((second / correction).sqrt() + group["eps"])


def _radam(group, state):
    beta, step = group["betas"][1], float(state["step"])
    correction = 1 - beta**step
    most = 2 / (1 - beta) - 1
    rho = most - 2 * step * beta**step / correction
    if rho <= 5:  # its first steps are those of a plain momentum
        return group["lr"]
    rectified = ((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho)) ** 0.5
    return group["lr"] * rectified * correction**0.5 / (state["exp_avg_sq"].sqrt() + group["eps"])


def _adadelta(group, state):
    return group["lr"] * ((state["acc_delta"] + group["eps"]) / (state["square_avg"] + group["eps"])).sqrt()


def _adamax(group, state):
    return group["lr"] / state["exp_inf"].clamp_min(group["eps"])


def _rmsprop(group, state):
    mean = state["square_avg"]
    if group["centered"]:
        mean = (mean - state["grad_avg"].square()).clamp_min(0)
    return group["lr"] / ((1 - group["momentum"]) * (mean.sqrt() + group["eps"]))


def _adagrad(group, state):
    rate = group["lr"] / (1 + (float(state["step"]) - 1) * group["lr_decay"])
    return rate / (state["sum"].sqrt() + group["eps"])


_UNIT_STEPS: dict[type[torch.optim.Optimizer], Any] = {
    torch.optim.SGD: _sgd,
    torch.optim.Adam: _adam,
    torch.optim.AdamW: _adam,
    torch.optim.NAdam: _adam,
    torch.optim.RAdam: _radam,
    torch.optim.Adamax: _adamax,
    torch.optim.RMSprop: _rmsprop,
    torch.optim.Adagrad: _adagrad,
    torch.optim.Adadelta: _adadelta,
}


def _unit_step_of(optimizer):
    """Of PyTorch's class that takes the optimiser's steps: a name alone (there are other packages' Adams) says nothing of them."""
    kind = type(optimizer)
    for base, unit_step in _UNIT_STEPS.items():
        if isinstance(optimizer, base) and inspect.unwrap(kind.step) is inspect.unwrap(base.step):
            return unit_step
    known = ", ".join(one.__name__ for one in _UNIT_STEPS)
    raise TypeError(f"the steps of {kind.__module__}.{kind.__name__} are not known to ProximalOptimizer: give unit_step, or one of {known}")
