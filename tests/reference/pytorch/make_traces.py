"""Writes traces.json: what PyTorch does step for step in float64, for src/riata/network/pytorch_test.cpp.

Run with Debian's python3-torch: /usr/bin/python3 make_traces.py > traces.json
Data and initial weights are small fractions that the test computes again. Each run has its options, the loss before every
50th step with the norm of all parameters after it, and the parameters after 1000 steps. Runs that amplify rounding (constant rates make adaptive optimisers hop) are left out and named.
"""
import json
import sys

import torch

torch.set_default_dtype(torch.float64)
ROWS, STEPS, EVERY = 100, 1000, 50
ACTIVATIONS = {"identity": torch.nn.Identity, "relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid, "gelu": torch.nn.GELU}


class NAdam(torch.optim.Optimizer):
    """PyTorch 2's formula: version 1.13, which Debian 12 has, multiplies one factor too many into the second correction."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                s = self.state[p]
                if not s:
                    s.update(t=0, product=1.0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                s["t"] += 1
                mu, after = (0.9 * (1 - 0.5 * 0.96 ** ((s["t"] + k) * 4e-3)) for k in (0, 1))
                s["product"] *= mu
                g = p.grad + group["weight_decay"] * p
                s["m"].lerp_(g, 0.1)
                s["v"].mul_(0.999).addcmul_(g, g, value=0.001)
                den = (s["v"] / (1 - 0.999 ** s["t"])).sqrt() + 1e-8
                p.addcdiv_(g, den, value=-group["lr"] * (1 - mu) / (1 - s["product"]))
                p.addcdiv_(s["m"], den, value=-group["lr"] * after / (1 - s["product"] * after))


def data(inputs, loss):
    x = torch.tensor([[((i * 37 + j * 101 + i * j * 13) % 97) / 48.5 - 1 for j in range(inputs)] for i in range(ROWS)])
    y = x[:, 0] * x[:, 1] + torch.tensor([((i * 53) % 17) / 16 - 0.5 for i in range(ROWS)])
    if loss == "logistic":
        y = (y > 0).double()
    if loss == "multinomial":
        y = (y > -0.2).long() + (y > 0.2).long()
    if loss == "poisson":
        y = torch.floor(2 + 2 * y).clamp(min=0)
    return x, y


def network(sizes, activation):
    layers = []
    for k in range(len(sizes) - 1):
        layers += [torch.nn.Linear(sizes[k], sizes[k + 1]), ACTIVATIONS[activation]()]
    net = torch.nn.Sequential(*layers[:-1])
    count = 0
    with torch.no_grad():
        for p in net.parameters():
            flat = p.view(-1)
            for k in range(flat.numel()):
                flat[k] = ((count * 29 + 7) % 61) / 61 - 0.5
                count += 1
    return net


def loss_of(name, net, x, y):
    eta = net(x)
    F = torch.nn.functional
    if name == "multinomial":
        return F.cross_entropy(eta, y)
    eta = eta[:, 0]
    return {
        "mse": lambda: F.mse_loss(eta, y),
        "squared": lambda: F.mse_loss(eta, y) / 2,
        "logistic": lambda: F.binary_cross_entropy_with_logits(eta, y),
        "poisson": lambda: F.poisson_nll_loss(eta, y),
        "huber": lambda: F.huber_loss(eta, y),
    }[name]()


def optimizer_of(run, net):
    lr, decay = run["learning_rate"], run.get("weight_decay", 0.0)
    parameters = list(net.parameters())
    if not run.get("penalize_biases", True):
        weights = [p for p in parameters if p.dim() > 1]
        biases = [p for p in parameters if p.dim() == 1]
        parameters = [{"params": weights}, {"params": biases, "weight_decay": 0.0}]
    momentum = run.get("momentum", 0.0)
    kind, o = run["optimizer"], torch.optim
    if kind == "sgd":
        return o.SGD(parameters, lr, momentum, run.get("dampening", 0.0), decay, run.get("nesterov", False))
    if kind == "sgdw":
        return o.SGD(parameters, lr, momentum)
    if run.get("decay_scale") == "absolute":
        return o.AdamW(parameters, lr, weight_decay=0)
    if kind in ("adam", "adamw"):
        make = o.Adam if kind == "adam" else o.AdamW
        return make(parameters, lr, weight_decay=decay, amsgrad=run.get("amsgrad", False))
    if kind == "rmsprop":
        return o.RMSprop(parameters, lr, weight_decay=decay, momentum=momentum, centered=run.get("centered", False))
    if kind == "adagrad":
        return o.Adagrad(parameters, lr, run.get("rate_decay", 0.0), decay)
    return NAdam(parameters, dict(lr=lr, weight_decay=decay))


def schedule_of(run, optimizer):
    s = torch.optim.lr_scheduler
    kind = run.get("schedule", "constant")
    if kind == "step":
        return s.StepLR(optimizer, run["every"], run["factor"])
    if kind == "cosine" and "warm_up" in run:  # both chained: each multiplies the rate by its own ratio
        n = run["warm_up"]
        optimizer.param_groups[0]["lr"] /= n + 1
        rise = s.MultiplicativeLR(optimizer, lambda epoch: min(n + 1, epoch + 1) / min(n + 1, epoch))
        return s.ChainedScheduler([rise, s.CosineAnnealingLR(optimizer, run["length"])])
    if kind == "cosine":
        return s.CosineAnnealingLR(optimizer, run["length"], run["floor"])
    if kind == "plateau":
        return s.ReduceLROnPlateau(optimizer, factor=run["factor"], patience=run["patience"], threshold=run["threshold"])
    if kind == "warm_up":
        n = run["warm_up"]
        return s.LambdaLR(optimizer, lambda epoch: min(1.0, (epoch + 1) / (n + 1)))
    return None


def train(run, nudge=0.0):
    x, y = data(run["sizes"][0], run["loss"])
    net = network(run["sizes"], run["activation"])
    with torch.no_grad():
        next(net.parameters()).view(-1)[0] += nudge
    optimizer = optimizer_of(run, net)
    schedule = schedule_of(run, optimizer)
    batch = run.get("batch_size", ROWS)
    losses, norms, step = [], [], 0
    while step < STEPS:
        total = 0.0
        for start in range(0, ROWS, batch):
            rows = slice(start, min(start + batch, ROWS))
            loss = loss_of(run["loss"], net, x[rows], y[rows])
            optimizer.zero_grad()
            penalty = sum((p**2).sum() for p in net.parameters() if p.dim() > 1) / 2
            (loss + run.get("lambda", 0.0) * penalty).backward()
            if "clip_norm" in run:
                torch.nn.utils.clip_grad_norm_(net.parameters(), run["clip_norm"])
            if run["optimizer"] == "sgdw" or run.get("decay_scale") == "absolute":
                rate = 1 if run.get("decay_scale") == "absolute" else optimizer.param_groups[0]["lr"]
                with torch.no_grad():
                    for p in net.parameters():
                        p.mul_(1 - rate * run.get("weight_decay", 0.0))
            optimizer.step()
            total += loss.item() * (rows.stop - rows.start)
            step += 1
        epoch = step * batch // ROWS if batch < ROWS else step
        if run.get("schedule") == "plateau":
            schedule.step(total / ROWS)
        elif schedule:
            schedule.step()
        if epoch % EVERY == 0 or batch < ROWS:
            losses.append(total / ROWS)
            norms.append(sum((p.detach() ** 2).sum().item() for p in net.parameters()) ** 0.5)
    if batch < ROWS:
        losses, norms = losses[EVERY - 1::EVERY], norms[EVERY - 1::EVERY]
    return {**run, "losses": losses, "norms": norms, "parameters": [v for p in net.parameters() for v in p.view(-1).tolist()]}


def runs():
    optimizers = [
        {"optimizer": "sgd", "learning_rate": 0.05},
        {"optimizer": "sgd", "learning_rate": 0.05, "weight_decay": 1e-2},
        {"optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.9, "weight_decay": 1e-2},
        {"optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.9, "dampening": 0.3},
        {"optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3},
        {"optimizer": "sgdw", "learning_rate": 0.02, "momentum": 0.9, "weight_decay": 1e-2},
        {"optimizer": "adam", "learning_rate": 0.003, "weight_decay": 1e-2},
        {"optimizer": "adam", "learning_rate": 0.003, "weight_decay": 1e-2, "penalize_biases": False},
        {"optimizer": "adam", "learning_rate": 0.003, "amsgrad": True},
        {"optimizer": "adamw", "learning_rate": 0.003, "weight_decay": 5e-2},
        {"optimizer": "adamw", "learning_rate": 0.003, "weight_decay": 5e-2, "amsgrad": True},
        {"optimizer": "rmsprop", "learning_rate": 2e-5, "weight_decay": 1e-2},
        {"optimizer": "rmsprop", "learning_rate": 0.0002, "momentum": 0.5},
        {"optimizer": "rmsprop", "learning_rate": 0.0001, "momentum": 0.5, "centered": True},
        {"optimizer": "adagrad", "learning_rate": 0.05, "rate_decay": 1e-3, "weight_decay": 1e-3},
        {"optimizer": "nadam", "learning_rate": 0.002, "weight_decay": 1e-3},
    ]
    for sizes in ([2, 3, 1], [10, 5, 1]):
        for optimizer in optimizers:
            yield {"sizes": sizes, "activation": "relu" if sizes[0] == 10 else "tanh", "loss": "mse", **optimizer}
    for sizes in ([2, 3, 1], [10, 5, 1]):
        adam = {"sizes": sizes, "activation": "tanh", "loss": "mse", "optimizer": "adam", "learning_rate": 0.003}
        for loss in ("squared", "logistic", "poisson", "huber"):
            yield {**adam, "loss": loss}
        yield {**adam, "loss": "multinomial", "sizes": [*sizes[:2], 4, 3]}
        for activation in ("sigmoid", "gelu"):
            yield {**adam, "activation": activation}
        yield {**adam, "activation": "identity"}
        yield {**adam, "clip_norm": 0.1, "optimizer": "sgd", "learning_rate": 0.1}
        yield {**adam, "clip_norm": 0.1}
        yield {**adam, "lambda": 0.02}
        yield {**adam, "lambda": 0.02, "optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.5}
        yield {**adam, "optimizer": "adamw", "decay_scale": "absolute", "weight_decay": 1e-3}
        yield {**adam, "optimizer": "sgdw", "decay_scale": "absolute", "weight_decay": 1e-3, "learning_rate": 0.02, "momentum": 0.9}
        yield {**adam, "optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.9, "dampening": 0.3, "weight_decay": 1e-2}
        yield {**adam, "optimizer": "rmsprop", "learning_rate": 2e-4, "weight_decay": 0.5, "schedule": "cosine", "length": 1000, "floor": 0.0}
        yield {**adam, "optimizer": "sgd", "learning_rate": 0.05, "schedule": "step", "every": 100, "factor": 0.7}
        yield {**adam, "schedule": "cosine", "length": 1000, "warm_up": 20}
        yield {**adam, "batch_size": 25}
        yield {**adam, "schedule": "step", "every": 100, "factor": 0.7}
        yield {**adam, "schedule": "cosine", "length": 1000, "floor": 1e-4}
        yield {**adam, "schedule": "warm_up", "warm_up": 20}
        yield {**adam, "schedule": "plateau", "factor": 0.5, "patience": 10, "threshold": 1e-3}


def tame(run):
    """The trace, and whether it is one: a run that blows up a difference in the last place of one weight shows rounding."""
    trace, nudged = train(run), train(run, 1e-15)
    apart = max(abs(a - b) for key in ("losses", "norms", "parameters") for a, b in zip(trace[key], nudged[key]))
    if apart > 1e-10:
        print(f"left out, amplifies 1e-15 to {apart:.1e}: {run}", file=sys.stderr)
    return trace, apart <= 1e-10


# One run a line.
print("[\n" + ",\n".join(json.dumps(trace) for trace, kept in map(tame, runs()) if kept) + "\n]")
