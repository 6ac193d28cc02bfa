"""PyTorch on processors; speaks the protocol of serve.mjs."""
import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

MODE, THREADS = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1


def conv(w, grad):
    x = torch.randn(w["n"], w["c"], w["h"], w["h"])
    weight = torch.randn(w["o"], w["c"] // w["g"], w["k"], w["k"])
    bias = torch.randn(w["o"])
    f = lambda x, weight, bias: F.conv2d(x, weight, bias, w["s"], w["p"], 1, w["g"])
    return passes(f, (x, weight, bias), grad)


def pool(w, grad):
    kinds = {
        "max": lambda x: F.max_pool2d(x, w["k"], w["s"], w["p"]),
        "avg": lambda x: F.avg_pool2d(x, w["k"], w["s"], w["p"]),
        "gap": lambda x: F.adaptive_avg_pool2d(x, 1),
    }
    return passes(kinds[w["kind"]], (torch.randn(w["n"], w["c"], w["h"], w["h"]),), grad)


def passes(f, xs, grad):
    if not grad:
        return without_gradient(lambda: f(*xs))
    for x in xs:
        x.requires_grad_()
    dy = torch.randn_like(f(*xs))
    return lambda: torch.autograd.grad(f(*xs), xs, dy)


def without_gradient(f):
    def run():
        with torch.no_grad():
            f()

    return run


class Block(nn.Module):
    """Two 3 x 3 convolutions, and what goes around them."""

    def __init__(self, fro, to, stride, norm):
        super().__init__()
        make = lambda fro, k, stride: nn.Sequential(
            nn.Conv2d(fro, to, k, stride, k // 2, bias=not norm), *([nn.BatchNorm2d(to)] if norm else [])
        )
        self.first, self.second = make(fro, 3, stride), make(to, 3, 1)
        same = stride == 1 and fro == to
        # With batch norm it is CIFAR's: every second pixel and zeros. Without, a folded projection.
        self.around = nn.Identity() if same else Padded(to - fro, stride) if norm else make(fro, 1, stride)

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.around(x))


class Padded(nn.Module):
    def __init__(self, zeros, stride):
        super().__init__()
        self.zeros, self.stride = zeros, stride

    def forward(self, x):
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.zeros))


def resnet(stem, widths, depth, classes, norm):
    layers, fro = list(stem), widths[0]
    for i, to in enumerate(widths):
        for j in range(depth):
            layers.append(Block(fro, to, 2 if i and not j else 1, norm))
            fro = to
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(fro, classes))


def lenet5():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def resnet20():
    stem = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    return resnet(stem, (16, 32, 64), 3, 10, True)


def resnet18():
    """Batch norms are folded into the convolutions' biases."""
    return resnet([nn.Conv2d(3, 64, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], (64, 128, 256, 512), 2, 1000, False)


NETWORKS = {"lenet5": (lenet5, (1, 28, 28), 10), "resnet20": (resnet20, (3, 32, 32), 10), "resnet18": (resnet18, (3, 224, 224), 1000)}


def network(w, train):
    make, image, classes = NETWORKS[w["model"]]
    net, x = make(), torch.randn(w["n"], *image)
    if not train:
        net.eval()
        return without_gradient(lambda: net(x))
    target = torch.arange(w["n"]) % classes
    optimizer = torch.optim.SGD(net.parameters(), 0.01, 0.9)

    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), target)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def prepare(item):
    if "conv" in item:
        return conv(item["conv"], item["pass"] == "fwdbwd")
    if "pool" in item:
        return pool(item["pool"], item["pass"] == "fwdbwd")
    return network(item["network"], item["pass"] == "step")


def window(run, ms):
    now, cpu = (lambda: time.perf_counter() * 1e3), (lambda: time.process_time() * 1e3)
    start, before, times = now(), cpu(), []
    while not times or now() - start < ms:
        begin = now()
        run()
        times.append(now() - begin)
    return {"times": times, "cpu": cpu() - before}


def peak_bytes():
    """Linux's own figure where there is one: getrusage's begins with that of whoever started the process."""
    try:
        with open("/proc/self/status") as status:
            return 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def say(message):
    print(json.dumps(message), flush=True)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(THREADS)
    if MODE == "cold":
        prepare({"network": {"model": "lenet5", "n": 1}, "pass": "fwd"})()
        return
    say({"version": torch.__version__})
    run = None
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            if "prepare" in ask:
                run = prepare(ask["prepare"])
                say({"ready": True})
            elif "window" in ask:
                say(window(run, ask["window"]))
            else:
                say({"peakBytes": peak_bytes()})
        except Exception as error:
            say({"absent": "fails: " + str(error).split("\n")[0][:160]})


main()
