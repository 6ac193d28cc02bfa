"""The twin of bench/mnist99.mjs: the same network, batches, schedule and goal in PyTorch, on all cores."""
import argparse
import gzip
import json
import os
import sys
import time

START = time.time()

import torch
import torch.nn as nn
import torch.nn.functional as F

GOAL, EPOCHS, BATCH, MAX_LR, MOMENTUM, RISING = 0.99, 5, 64, 0.05, 0.9, 0.2
MEAN, STD = 0.1307, 0.3081
SHARED = os.environ.get("FOVEA_SHARED") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../../shared")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", default=os.path.join(SHARED, "data/mnist"))
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if not os.path.isdir(args.folder):
        print(f"mnist99: {args.folder} is absent. Give a folder that holds MNIST's four idx files", file=sys.stderr)
        sys.exit(2)
    torch.manual_seed(args.seed)
    torch.set_num_threads(os.cpu_count())
    train, test = part(args.folder, "train"), part(args.folder, "t10k")
    net = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    optimizer = torch.optim.SGD(net.parameters(), MAX_LR, MOMENTUM, nesterov=True)
    steps = len(train[1]) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, MAX_LR, EPOCHS * steps, pct_start=RISING, cycle_momentum=False)
    accuracy, epoch = 0.0, 0
    while epoch < EPOCHS and accuracy < GOAL:
        train_epoch(net, train, optimizer, schedule, steps)
        accuracy = evaluate(net, test)
        epoch += 1
    print(json.dumps({"seconds": time.time() - START, "epochs": epoch, "accuracy": accuracy}))
    if accuracy < GOAL:
        print(f"mnist99: {accuracy} after {EPOCHS} epochs with seed {args.seed}", file=sys.stderr)
        sys.exit(1)


def part(folder, name):
    """Images as bytes [n, 1, 28, 28], and labels."""
    images = read(folder, f"{name}-images-idx3-ubyte", 16).view(-1, 1, 28, 28)
    return images, read(folder, f"{name}-labels-idx1-ubyte", 8).long()


def read(folder, name, head):
    path = os.path.join(folder, name)
    opened = open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz", "rb")
    with opened as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8, offset=head)


def normalized(images):
    return (images.float() / 255 - MEAN) / STD


def train_epoch(net, data, optimizer, schedule, steps):
    images, labels = data
    order = torch.randperm(len(labels))
    for step in range(steps):
        batch = order[step * BATCH : (step + 1) * BATCH]
        optimizer.zero_grad()
        F.cross_entropy(net(normalized(images[batch])), labels[batch]).backward()
        optimizer.step()
        schedule.step()


def evaluate(net, data):
    images, labels = data
    with torch.no_grad():
        right = sum(
            (net(normalized(images[at : at + 250])).argmax(1) == labels[at : at + 250]).sum().item() for at in range(0, len(labels), 250)
        )
    return right / len(labels)


main()
