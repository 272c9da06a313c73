#!/usr/bin/env python3
"""Makes the two large tables of docs/benchmarks.md, block by block so that little memory is needed.

usage: generate.py tall|wide FILE [rows] [columns]

tall  2,000,000 rows x 100 columns and the response y, Parquet, float64
wide  200 rows x 1,000,000 columns, the response last, NPY, float64, row-major (as numpy.save writes an array)

Columns share a common factor (correlation 0.3); twenty of them, evenly spaced, have coefficients 1 to 0.05; the noise has
the signal's variance. Seeded: the same file every time.
"""
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CORRELATION = 0.3
COEFFICIENTS = np.linspace(1.0, 0.05, 20)


def block(rng, rows, columns):
    common = rng.standard_normal((rows, 1))
    return np.sqrt(CORRELATION) * common + np.sqrt(1 - CORRELATION) * rng.standard_normal((rows, columns))


def active(columns):
    return np.linspace(0, columns - 1, len(COEFFICIENTS)).astype(int)


def noise_scale():
    b = COEFFICIENTS
    return np.sqrt(CORRELATION * b.sum() ** 2 + (1 - CORRELATION) * (b**2).sum())


def tall(file, rows=2_000_000, columns=100, step=100_000):
    rng = np.random.default_rng(1)
    names = [f"x{j + 1}" for j in range(columns)] + ["y"]
    schema = pa.schema([(name, pa.float64()) for name in names])
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for first in range(0, rows, step):
            n = min(step, rows - first)
            x = block(rng, n, columns)
            y = x[:, active(columns)] @ COEFFICIENTS + noise_scale() * rng.standard_normal(n)
            data = [pa.array(x[:, j]) for j in range(columns)] + [pa.array(y)]
            writer.write_table(pa.Table.from_arrays(data, schema=schema))


def wide(file, rows=200, columns=1_000_000):
    rng = np.random.default_rng(2)
    out = np.lib.format.open_memmap(file, mode="w+", dtype=np.float64, shape=(rows, columns + 1))
    for i in range(rows):
        x = block(rng, 1, columns)[0]
        out[i, :-1] = x
        out[i, -1] = x[active(columns)] @ COEFFICIENTS + noise_scale() * rng.standard_normal()
    out.flush()


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("tall", "wide"):
        sys.exit(__doc__)
    {"tall": tall, "wide": wide}[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:]))
