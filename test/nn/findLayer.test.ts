import { describe, expect, it } from "vitest";
import { OpError } from "../../src/index.ts";
import { findLayer } from "../../src/nn/findLayer.ts";
import { Conv2d, Flatten, Linear, ReLU, Sequential } from "../../src/nn/index.ts";

const features = new Sequential(["conv1", new Conv2d(1, 2, 3)], ["relu", new ReLU()]);
const net = new Sequential(["features", features], ["flatten", new Flatten()], ["fc", new Linear(2, 2)]);

describe("findLayer", () => {
  it("finds layers by their paths", () => {
    expect(findLayer(net, "features.conv1")).toBe(features.get("conv1"));
    expect(findLayer(net, "features")).toBe(features);
    expect(findLayer(net, "")).toBe(net);
  });

  it("lists what there is where the name goes wrong, and the nearest name", () => {
    expect(() => findLayer(net, "features.conv2")).toThrow(
      new OpError(
        "findLayer",
        'the layers of features are features.conv1, features.relu, got "features.conv2". Did you mean features.conv1?',
      ),
    );
    expect(() => findLayer(net, "classifier")).toThrow(
      new OpError("findLayer", 'the layers of the network are features, flatten, fc, got "classifier"'),
    );
    expect(() => findLayer(net, "fc.weight")).toThrow(new OpError("findLayer", 'fc has no layers in it, got "fc.weight"'));
    expect(() => findLayer(new ReLU(), "0")).toThrow(new OpError("findLayer", 'the network has no layers in it, got "0"'));
    const many = new Sequential(...Array.from({ length: 30 }, () => new ReLU()));
    expect(() => findLayer(many, "x")).toThrow(/0, 1, 2, .*11, 18 more, got "x"/);
  });
});
