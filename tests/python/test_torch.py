"""riata.torch, where torch can be imported."""

import copy

import pytest

torch = pytest.importorskip("torch")

from riata.torch import ProximalOptimizer, decay_groups  # noqa: E402

OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.05),
    "SGD with momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, dampening=0.3),
    "SGD with Nesterov's": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, nesterov=True),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.02),
    "Adam amsgrad": lambda p: torch.optim.Adam(p, lr=0.02, amsgrad=True),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.0),
    "NAdam": lambda p: torch.optim.NAdam(p, lr=0.02),
    "RAdam": lambda p: torch.optim.RAdam(p, lr=0.05),
    "Adadelta": lambda p: torch.optim.Adadelta(p, lr=1.0, eps=1e-4),
    "Adamax": lambda p: torch.optim.Adamax(p, lr=0.02),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.005),
    "Adagrad": lambda p: torch.optim.Adagrad(p, lr=0.5),
}


def problem(outputs):
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(200, 8, generator=generator, dtype=torch.float64) * torch.linspace(0.3, 2, 8, dtype=torch.float64)
    truth = torch.zeros(8, outputs, dtype=torch.float64)
    truth[[1, 4]] = torch.tensor([[1.5], [-2.0]], dtype=torch.float64)
    y = X @ truth + 0.3 * torch.randn(200, outputs, generator=generator, dtype=torch.float64)
    torch.manual_seed(0)  # the network's start
    return X, y, torch.nn.Linear(8, outputs, dtype=torch.float64)


def settle(model, optimizer, X, y, steps=1600):
    """Trains with a falling rate; the gradient of the loss at the end."""
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=1e-4)
    for _ in range(steps):
        optimizer.zero_grad()
        ((model(X) - y) ** 2).sum(dim=1).mean().div(2).backward()
        optimizer.step()
        scheduler.step()
    optimizer.zero_grad()
    ((model(X) - y) ** 2).sum(dim=1).mean().div(2).backward()
    return model.weight.grad


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_where_it_rests_the_lasso_s_conditions_hold(name):
    X, y, model = problem(1)
    gradient = settle(model, ProximalOptimizer(OPTIMIZERS[name](model.parameters()), l1=0.2), X, y)
    zero = model.weight == 0
    assert 1 <= int(zero.sum()) <= 6 and not bool(zero[0, 1]) and not bool(zero[0, 4])
    assert gradient[zero].abs().max() <= 0.2 + 1e-3
    assert torch.allclose(gradient[~zero], -0.2 * model.weight[~zero].sign(), atol=2e-3)
    assert model.bias.grad.abs().max() < 2e-3


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_where_it_rests_the_group_lasso_s_conditions_hold(name):
    X, y, model = problem(3)
    gradient = settle(model, ProximalOptimizer(OPTIMIZERS[name](model.parameters()), group_lasso=0.2), X, y)
    norms = model.weight.norm(dim=0)
    strength = 0.2 * 3**0.5
    assert 1 <= int((norms == 0).sum()) <= 6 and norms[1] > 0 and norms[4] > 0
    assert gradient.norm(dim=0)[norms == 0].max() <= strength + 1e-3
    used = norms > 0
    assert torch.allclose(gradient[:, used], -strength * model.weight[:, used] / norms[used], atol=3e-3)


def test_the_map_is_the_minimiser_in_its_metric():
    from riata.torch import _shrink_groups

    generator = torch.Generator().manual_seed(1)
    z = torch.randn(5, 40, generator=generator, dtype=torch.float64)
    unit = torch.rand(5, 40, generator=generator, dtype=torch.float64) + 0.1
    w = z.clone()
    _shrink_groups(w, unit, 0.6)
    norms = w.norm(dim=0)
    assert 0 < int((norms == 0).sum()) < 40
    away = (w - z) / unit + 0.6 * 5**0.5 * w / norms
    assert away[:, norms > 0].abs().max() < 1e-9


def test_strengths_of_groups_and_states():
    X, y, model = problem(1)
    inner = torch.optim.Adam([{"params": [model.weight], "l1": 100.0}, {"params": [model.bias], "l1": 0.0}], lr=0.01)
    optimizer = ProximalOptimizer(inner)
    for _ in range(200):
        optimizer.zero_grad()
        ((model(X) - y) ** 2).mean().backward()
        optimizer.step()
    assert (model.weight == 0).all() and model.bias != 0
    twin = ProximalOptimizer(torch.optim.Adam([{"params": [model.weight], "l1": 1.0}, {"params": [model.bias]}], lr=0.01))
    twin.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert twin.param_groups[0]["l1"] == 100.0
    with pytest.raises(TypeError, match="LBFGS"):
        ProximalOptimizer(torch.optim.LBFGS(model.parameters()), l1=0.1)


class Heavy(torch.optim.SGD):
    """Takes the steps of its base."""


class SGD(torch.optim.Optimizer):
    """By name PyTorch's, and yet another: gradients are divided by a scale of each weight's own, with momentum."""

    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state["scale"] = torch.linspace(1, 3, p.numel(), dtype=p.dtype).reshape(p.shape)
                    state["speed"] = torch.zeros_like(p)
                state["speed"].mul_(0.8).add_(p.grad / state["scale"])
                p.sub_(group["lr"] * state["speed"])


def test_another_optimiser_says_what_its_steps_are():
    X, y, model = problem(1)
    with pytest.raises(TypeError, match=r"test_torch.SGD are not known to ProximalOptimizer: give unit_step, or one of SGD, Adam"):
        ProximalOptimizer(SGD(model.parameters(), lr=0.02), l1=0.2)
    with pytest.raises(TypeError, match="optimizer is Linear"):
        ProximalOptimizer(model)
    made = [
        ProximalOptimizer(SGD(model.parameters(), lr=0.02), l1=0.2, unit_step=lambda group, state: group["lr"] / (0.2 * state["scale"])),
        ProximalOptimizer(Heavy(model.parameters(), lr=0.02, momentum=0.9), l1=0.2),
    ]
    for optimizer in made:
        gradient = settle(model, optimizer, X, y)
        zero = model.weight == 0
        assert 1 <= int(zero.sum()) <= 6
        assert gradient[zero].abs().max() <= 0.2 + 1e-3
        assert torch.allclose(gradient[~zero], -0.2 * model.weight[~zero].sign(), atol=2e-3)


def test_it_is_an_optimizer():
    """For schedulers and trainers; a copy goes on as the original does, and so does one that a state is loaded into."""
    X, y, model = problem(1)
    optimizer = ProximalOptimizer(torch.optim.Adam(model.parameters(), lr=0.05), l1=0.2)
    assert isinstance(optimizer, torch.optim.Optimizer) and "lr: 0.05" in repr(optimizer)

    def train(model, optimizer, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            ((model(X) - y) ** 2).mean().backward()
            optimizer.step()
        return model.weight.detach().clone()

    train(model, optimizer, 5)
    other, copied = copy.deepcopy((model, optimizer))
    loaded = copy.deepcopy(model)
    further = ProximalOptimizer(torch.optim.Adam(loaded.parameters(), lr=0.05), l1=0.2)
    further.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    expected = train(model, optimizer, 5)
    assert torch.equal(train(other, copied, 5), expected)
    assert torch.equal(train(loaded, further, 5), expected)
    optimizer.param_groups[0]["lr"] = 0.0
    assert torch.equal(train(model, optimizer, 1), expected)
    late = torch.nn.Parameter(torch.ones(2, 2))
    optimizer.add_param_group({"params": [late]})
    assert len(optimizer.param_groups) == len(optimizer.optimizer.param_groups) == 2


def test_decay_leaves_biases_and_norms_out():
    shared = torch.nn.Linear(4, 4)
    model = torch.nn.Sequential(shared, torch.nn.LayerNorm((2, 4)), torch.nn.BatchNorm1d(4), shared, torch.nn.Conv1d(4, 2, 3))
    model[4].bias.requires_grad_(False)
    decayed, others = decay_groups(model, 0.1)
    assert [tuple(p.shape) for p in decayed["params"]] == [(4, 4), (2, 4, 3)] and decayed["weight_decay"] == 0.1
    assert len(others["params"]) == 5 and others["weight_decay"] == 0.0
    torch.optim.AdamW([decayed, others], lr=0.1)
