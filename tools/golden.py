#!/usr/bin/env python3
"""Golden vectors of PyTorch for ops that test/golden/cases lacks, in the same format ("golden-1").

    python3 tools/golden.py OUTPUT_FOLDER

Inputs are float32; outputs and gradients are computed by torch in float64 from them and rounded to float32. `f32_err` is what
torch's own float32 run differs by. Needs torch (1.13 was used). Same seed, same vectors.
"""
import json
import os
import struct
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(20261120)
torch.set_num_threads(1)

CASES = []


def case(name, op, attrs, inputs, fn, grads, scalar=False):
    """fn takes a dict of tensors and gives y; grads lists the inputs to differentiate by."""
    CASES.append((name, op, attrs, inputs, fn, grads, scalar))


def channel_shuffle(x, groups):
    """torch 1.13 has no derivative of channel_shuffle: the same by reshape and transpose, compared with it below."""
    return x.reshape(x.shape[0], groups, -1, *x.shape[2:]).transpose(1, 2).reshape(x.shape)


for i, (shape, groups) in enumerate([((2, 6, 5, 4), 3), ((1, 8, 3, 3), 2)]):
    x = torch.randn(shape)
    assert torch.equal(F.channel_shuffle(x, groups), channel_shuffle(x, groups))
    case(f"channel_shuffle_{i:03d}", "channel_shuffle", {"groups": groups}, {"x": x}, lambda t, g=groups: channel_shuffle(t["x"], g), ["x"])
for i, (shape, r) in enumerate([((2, 8, 3, 4), 2), ((1, 9, 2, 5), 3)]):
    case(f"pixel_shuffle_{i:03d}", "pixel_shuffle", {"r": r}, {"x": torch.randn(shape)}, lambda t, r=r: F.pixel_shuffle(t["x"], r), ["x"])
for i, delta in enumerate([1.0, 0.3]):
    case(f"huber_loss_{i:03d}", "huber_loss", {"delta": delta}, {"x": torch.randn(4, 7), "target": torch.randn(4, 7)}, lambda t, d=delta: F.huber_loss(t["x"], t["target"], delta=d), ["x"], scalar=True)
for i, beta in enumerate([1.0, 0.25]):
    case(f"smooth_l1_loss_{i:03d}", "smooth_l1_loss", {"beta": beta}, {"x": torch.randn(5, 6), "target": torch.randn(5, 6)}, lambda t, b=beta: F.smooth_l1_loss(t["x"], t["target"], beta=b), ["x"], scalar=True)


def run(fn, inputs, grads, dy, dtype):
    given = {k: v.to(dtype).clone().requires_grad_(k in grads) for k, v in inputs.items()}
    y = fn(given)
    weight = torch.ones((), dtype=dtype) if dy is None else dy.to(dtype)
    parts = torch.autograd.grad((y * weight).sum(), [given[k] for k in grads])
    return y.detach(), dict(zip(grads, parts))


def main(folder):
    tensors = []
    entries = []

    def put(name, value):
        value = value.to(torch.float32).contiguous()
        tensors.append((name, value))
        return {"shape": list(value.shape), "dtype": "f32", "tensor": name}

    for name, op, attrs, inputs, fn, grads, scalar in CASES:
        dy = None if scalar else torch.randn(fn(inputs).shape)
        y, gradients = run(fn, inputs, grads, dy, torch.float64)
        y32, gradients32 = run(fn, inputs, grads, dy, torch.float32)
        err = {"y": (y32.double() - y).abs().max().item()}
        err.update({f"d{k}": (gradients32[k].double() - g).abs().max().item() for k, g in gradients.items()})
        given = dict(inputs) if dy is None else {**inputs, "dy": dy}
        entries.append({
            "name": name, "op": op, "attrs": attrs, "f32_err": err,
            "inputs": {k: put(f"{name}/in/{k}", v) for k, v in given.items()},
            "outputs": {"y": put(f"{name}/out/y", y)},
            "grads": {k: put(f"{name}/grad/{k}", g) for k, g in gradients.items()},
        })

    header, at = {}, 0
    for name, value in tensors:
        size = value.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    for entry in entries:
        for group in ("inputs", "outputs", "grads"):
            for t in entry[group].values():
                start, end = header[t["tensor"]]["data_offsets"]
                t.update(offset=8 + len(text) + start, nbytes=end - start)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "tensors.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for _, value in tensors:
            f.write(value.numpy().tobytes())
    info = {"format": "golden-1", "made_with": f"torch {torch.__version__}", "file": "tensors.safetensors", "cases": len(entries)}
    with open(os.path.join(folder, "manifest.json"), "w") as f:
        json.dump({"info": info, "cases": entries}, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 tools/golden.py OUTPUT_FOLDER")
    main(sys.argv[1])
