import { describe, expect, it } from "vitest";
import { compile, grad, reference, type Tensor, wasm } from "../../src/index.ts";
import { withAuxiliaries } from "../../src/ir/trace.ts";
import { Auxiliary, Conv2d, Flatten, GlobalAvgPool, Linear, MaxPool2d, type Network, ReLU, Sequential } from "../../src/nn/index.ts";
import { add, crossEntropy, mul } from "../../src/ops/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { evaluate, fit, normalize, predict, type Start, type Step, weightsSha256 } from "../../src/train/index.ts";
import { squares } from "./squares.ts";

const train = squares(48);

type Net = Network<[1, 8, 8], [4]>;

/** A network for the squares with a head after each convolution; `classes` and `weight` are the second head's. */
const twoHeads = (weight = 0.5, classes = 4): Net =>
  new Sequential(
    ["conv1", new Conv2d(1, 4, 3, { padding: 1 })],
    ["aux1", new Auxiliary(new Sequential(new GlobalAvgPool(), new Linear(4, 4)))],
    ["relu1", new ReLU()],
    ["conv2", new Conv2d(4, 4, 3, { padding: 1 })],
    ["aux2", new Auxiliary(["classifier", new Sequential(new MaxPool2d(4), new Flatten(), new Linear(16, classes))], { weight })],
    ["relu2", new ReLU()],
    ["pool", new MaxPool2d(2)],
    ["flatten", new Flatten()],
    ["fc", new Linear(64, 4)],
  );

/** The same without heads. */
const noHeads = (): Net =>
  new Sequential(
    ["conv1", new Conv2d(1, 4, 3, { padding: 1 })],
    ["relu1", new ReLU()],
    ["conv2", new Conv2d(4, 4, 3, { padding: 1 })],
    ["relu2", new ReLU()],
    ["pool", new MaxPool2d(2)],
    ["flatten", new Flatten()],
    ["fc", new Linear(64, 4)],
  );

const once = { train, batchSize: 48, threads: 1 };

describe("auxiliary heads", () => {
  it("add their losses, times their weights, to the network's: a step makes the sum smaller", async () => {
    const fitted = twoHeads();
    const losses: number[] = [];
    await fit(fitted, {
      ...once,
      optimizer: new SGD({ lr: 0.1 }),
      epochs: 3,
      schedule: () => 0.1,
      onStep: (s) => void losses.push(s.loss),
    });

    const model = twoHeads().initialize(0);
    const [parameters, optimizer] = [model.parameters(), new SGD({ lr: 0.1 })];
    const step = await compile(
      wasm({ threads: 1 }),
      { images: { shape: [48, 1, 8, 8], dtype: "u8" }, labels: { shape: [48], dtype: "i32" }, lr: [] },
      ({ images, labels, lr }) => {
        const { result, auxiliaries } = withAuxiliaries(() => model.forward(normalize(images, train) as never));
        expect(auxiliaries.map(({ path, weight }) => [path, weight])).toEqual([
          ["aux1.head", 0.3],
          ["aux2.classifier", 0.5],
        ]);
        const [first, second] = auxiliaries.map(({ output }) => crossEntropy(output, labels)) as [Tensor, Tensor];
        const main = crossEntropy(result, labels);
        const total = add(add(main, mul(first, 0.3)), mul(second, 0.5));
        const gradients = grad(
          total,
          parameters.map((p) => p.tensor),
        );
        optimizer.step(parameters, gradients, lr);
        return { main, first, second };
      },
      { mode: "train" },
    );
    // One batch is the whole data set: its order makes no difference but for rounding.
    for (const loss of losses) {
      const { main, first, second } = await step.run({ images: train.images.data, labels: train.labels.data, lr: 0.1 });
      expect(loss).toBeCloseTo(main.item() + 0.3 * first.item() + 0.5 * second.item(), 4);
    }
    await step.close();
  });

  it("learn, and teach what is before them", async () => {
    const [model, start] = [twoHeads(), twoHeads().initialize(0)];
    await fit(model, { ...once, optimizer: new SGD({ lr: 0.1 }) });
    const [after, before] = [await model.stateDict(), await start.stateDict()];
    for (const [name, values] of after) expect(values.data, name).not.toEqual(before.get(name)!.data);
    // Without them the first convolution would have learnt something else.
    const plain = noHeads();
    await fit(plain, { ...once, optimizer: new SGD({ lr: 0.1 }) });
    expect((await plain.stateDict()).get("conv1.weight")!.data).not.toEqual(after.get("conv1.weight")!.data);
  });

  it("of weight 0 teach nothing", async () => {
    const none = (): Net =>
      new Sequential(
        ["conv1", new Conv2d(1, 4, 3, { padding: 1 })],
        ["aux", new Auxiliary(new Sequential(new GlobalAvgPool(), new Linear(4, 4)), { weight: 0 })],
        ["relu1", new ReLU()],
        ["conv2", new Conv2d(4, 4, 3, { padding: 1 })],
        ["relu2", new ReLU()],
        ["pool", new MaxPool2d(2)],
        ["flatten", new Flatten()],
        ["fc", new Linear(64, 4)],
      );
    const [with0, without] = [none(), noHeads()];
    await fit(with0, { ...once, optimizer: new SGD({ lr: 0.1 }) });
    await fit(without, { ...once, optimizer: new SGD({ lr: 0.1 }) });
    const weights = await with0.stateDict();
    for (const [name, { data }] of await without.stateDict())
      data.forEach((w, i) => expect(weights.get(name)!.data[i], name).toBeCloseTo(w, 6));
    expect(weights.get("aux.head.1.weight")!.data).toEqual((await none().initialize(0).stateDict()).get("aux.head.1.weight")!.data);
  });

  it("are not there in evaluation: loss and predictions are those of the network without them", async () => {
    const model = twoHeads();
    await fit(model, { ...once, optimizer: new SGD({ lr: 0.1 }), epochs: 4 });
    const plain = noHeads();
    const weights = await model.stateDict();
    plain.loadStateDict(new Map([...weights].filter(([name]) => !name.startsWith("aux"))));
    const [found, expected] = [await evaluate(model, train, { threads: 1 }), await evaluate(plain, train, { threads: 1 })];
    expect({ ...found, seconds: 0 }).toEqual({ ...expected, seconds: 0 });
    const predicted = await predict(model, train.images, { ...train, threads: 1 });
    expect(predicted).toEqual(await predict(plain, train.images, { ...train, threads: 1 }));
  });

  it("count the same on the reference backend, and for any number of threads", async () => {
    const trained = async (options: object): Promise<readonly [string, number[]]> => {
      const [model, losses] = [twoHeads(), [] as number[]];
      const onStep = ({ loss }: Step): void => void losses.push(loss);
      await fit(model, { train, batchSize: 16, optimizer: new SGD({ lr: 0.1 }), onStep, ...options });
      return [await weightsSha256(model), losses];
    };
    const [one, fast] = await trained({ threads: 1 });
    expect((await trained({ threads: 2 }))[0]).toBe(one);
    const [, exact] = await trained({ backend: reference() });
    fast.forEach((loss, i) => expect(loss).toBeCloseTo(exact[i]!, 4));
  });

  it("are paid for in training only", async () => {
    const memoryOf = async (model: Net): Promise<number> => {
      let total = 0;
      await fit(model, { ...once, optimizer: new SGD({ lr: 0.1 }), onStart: ({ memory }: Start) => void (total = memory.total) });
      return total;
    };
    expect(await memoryOf(twoHeads())).toBeGreaterThan(await memoryOf(noHeads()));
    const inference = async (model: Net): Promise<number> => {
      const program = await compile(wasm({ threads: 1 }), { x: [1, 1, 8, 8] }, ({ x }) => model.initialize(0).forward(x));
      return program.memory.total;
    };
    expect(await inference(twoHeads())).toBe(await inference(noHeads()));
  });

  it("must know the data's classes, like the network", async () => {
    const refused = (model: Net): Promise<unknown> => fit(model, { ...once, optimizer: new SGD({ lr: 0.1 }) });
    await expect(refused(twoHeads(0.5, 7))).rejects.toThrow(
      "aux2.classifier: the auxiliary head has 7 outputs, but the data has 4 classes",
    );
    const maps: Net = new Sequential(new Auxiliary(new Conv2d(1, 4, 3)), new Flatten(), new Linear(64, 4));
    await expect(refused(maps)).rejects.toThrow("0.head: the auxiliary head gives 4 x 6 x 6, not one score for each of 4 classes");
  });
});
