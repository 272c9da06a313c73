"""Training steps of small networks: riata against PyTorch, one thread, float32, Adam; a table in Markdown.

Usage: /usr/bin/python3 networks.py FOLDER      (Debian's python3-torch; FOLDER holds network_bench and floor_bench)
Processor seconds are compared, the least of three runs each, so that other programs on the machine matter little; two threads
against one by the clock. Both sides
shuffle, gather batches, go forward and backward and step; PyTorch trains one network after the other, as its users do.
"""
import json
import subprocess
import sys
import time

import torch

REPEATS = 3
ADAM_STEPS = {  # riata's benchmark: what it is, layers, rows, batch, steps to time
    "mission": ("10-5-1, 100 rows, full batch", [10, 5, 1], 100, 100, 1500),
    "small_batches": ("20-16-1, batches of 32", [20, 16, 1], 800, 32, 1500),
    "grid/32/1/process_time": ("the same, a grid of 20 λ × 5 folds with l1", [20, 16, 1], 800, 32, 1500),
    "small_full": ("20-16-1, 800 rows, full batch", [20, 16, 1], 800, 800, 1000),
    "grid/0/1/process_time": ("the same, a grid of 20 λ × 5 folds with l1", [20, 16, 1], 800, 800, 1000),
    "wide_batches": ("784-256-128-10, batches of 128", [784, 256, 128, 10], 12800, 128, 100),
}


def pytorch_step(sizes, rows, batch, steps):
    """Processor seconds a step."""
    torch.manual_seed(0)
    classes = sizes[-1] > 1
    x = torch.randn(rows, sizes[0])
    y = torch.randint(0, sizes[-1], (rows,)) if classes else torch.randn(rows, 1)
    layers = []
    for k in range(len(sizes) - 1):
        layers += [torch.nn.Linear(sizes[k], sizes[k + 1]), torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(net.parameters())
    loss_of = torch.nn.CrossEntropyLoss() if classes else torch.nn.MSELoss()

    def train(count):
        done = 0
        while done < count:
            order = torch.randperm(rows) if batch < rows else None
            for start in range(0, rows, batch):
                part = slice(None) if order is None else order[start:start + batch]
                optimizer.zero_grad()
                loss_of(net(x[part]), y[part]).backward()
                optimizer.step()
                done += 1
        return done

    train(50)
    start = time.process_time()
    done = train(steps)
    return (time.process_time() - start) / done


def benchmarks(program):
    words = [program, "--benchmark_format=json", f"--benchmark_repetitions={REPEATS}", "--benchmark_min_time=0.2"]
    out = json.loads(subprocess.run(words, capture_output=True, check=True, text=True).stdout)
    return [run for run in out["benchmarks"] if run["run_type"] == "iteration"]


def main():
    torch.set_num_threads(1)
    runs = benchmarks(sys.argv[1] + "/network_bench")
    print("| network | PyTorch, µs a step | riata, µs a step | times |\n|---|---|---|---|")
    for name, (words, sizes, rows, batch, steps) in ADAM_STEPS.items():
        ours = min(run["step"] for run in runs if run["name"] == name)
        theirs = min(pytorch_step(sizes, rows, batch, steps) for _ in range(REPEATS))
        print(f"| {words} | {1e6 * theirs:.0f} | {1e6 * ours:.3g} | {theirs / ours:.3g} |", flush=True)
    for batch in ("32", "0"):
        (cpu, wall), (cpu_two, wall_two) = (
            [min(run[time] for run in runs if run["name"] == f"grid/{batch}/{threads}/process_time")
             for time in ("cpu_time", "real_time")] for threads in ("1", "2"))
        print(f"grid, batch {batch}: on two threads {wall / wall_two:.2f} times as fast (if nothing else runs), in "
              f"{cpu_two / cpu:.2f} times the processor time")
    rate = max(run["flops"] for run in benchmarks(sys.argv[1] + "/floor_bench") if "gemm<float>" in run["name"])
    flops = 2 * 128 * (2 * (784 * 256 + 256 * 128 + 128 * 10) + 256 * 128 + 128 * 10)
    step = min(run["step"] for run in runs if run["name"] == "wide_batches")
    print(f"784-256-128-10: {flops / step / 1e9:.0f} GFLOP/s of {rate / 1e9:.0f} that one large sgemm reaches")


main()
