import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cacheFolder, channelStatistics, cifar10, DataError, type DataFault, fashionMnist, loadData, mnist } from "../../src/data/node.ts";
import { untar } from "../../src/data/tar.ts";
import { sharedFolder } from "../sharedFolder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fovea-load-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function expectFault(promise: Promise<unknown>, fault: DataFault, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => expect.unreachable("should have failed"),
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(DataError);
  expect((error as DataError).message).toMatch(message);
  expect((error as DataError).fault).toBe(fault);
}

/** Files of an idx set: `n` images of 2x3 pixels for each part, labels counting up to `classes`. */
async function writeIdx(prefix: string, n: number, classes: number, spelling: (name: string) => string = (name) => name): Promise<void> {
  const big = (...values: number[]) => values.flatMap((v) => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]);
  for (const stem of ["train", "t10k"]) {
    const pixels = Array.from({ length: n * 6 }, (_, i) => (i * 37) & 255);
    const labels = Array.from({ length: n }, (_, i) => i % classes);
    await writeFile(join(folder, spelling(`${prefix}${stem}-images-idx3-ubyte`)), Uint8Array.from([...big(0x803, n, 2, 3), ...pixels]));
    await writeFile(join(folder, spelling(`${prefix}${stem}-labels-idx1-ubyte`)), Uint8Array.from([...big(0x801, n), ...labels]));
  }
}

const record = (label: number) => Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? label : i));

describe("loadData", () => {
  test("strokes need no file", async () => {
    const { train, test: held } = await loadData("strokes");
    expect([train.name, held.name, train.images.shape[0]]).toEqual(["strokes train", "strokes test", 12_000]);
  });

  test("a folder of idx files of an unknown set: classes and statistics come from it", async () => {
    await writeIdx("", 8, 4, (name) => name.replace("-idx", ".idx"));
    const { train, test: held } = await loadData(folder);
    expect(train.images.shape).toEqual([8, 1, 2, 3]);
    expect(train.classes).toEqual(["0", "1", "2", "3"]);
    expect({ mean: train.mean, std: train.std }).toEqual(channelStatistics(train.images));
    expect(held.mean).toEqual(train.mean);
  });

  test("a folder of CIFAR batches, one of them packed; without a test batch the last is held out", async () => {
    await writeFile(join(folder, "data_batch_1.bin"), record(3));
    await writeFile(join(folder, "data_batch_2.bin.gz"), gzipSync(record(4)));
    const held = await loadData(folder);
    expect([[...held.train.labels.data], [...held.test.labels.data]]).toEqual([[3], [4]]);
    expect(held.test.name).toBe("cifar-10 test (data_batch_2.bin.gz, held out)");
    await writeFile(join(folder, "test_batch.bin"), record(5));
    const whole = await loadData(folder);
    expect([[...whole.train.labels.data], [...whole.test.labels.data]]).toEqual([[3, 4], [5]]);
    expect(whole.test.name).toBe("cifar-10 test");
  });

  test("neither a name nor a folder", async () => {
    await expectFault(
      loadData(join(folder, "none")),
      "missing",
      /^data: strokes, mnist, fashion-mnist, cifar-10 or a folder was expected, got ".*none"\. Give one of these, or a folder that holds train-images-idx3-ubyte and .*data_batch_1\.bin/,
    );
    await writeFile(join(folder, "file"), "");
    await expectFault(loadData(join(folder, "file")), "missing", /file: a folder was expected, got ENOTDIR\. Give a folder that holds/);
  });

  test("a folder with nothing that fits: the error lists what was looked for and what is there", async () => {
    await expectFault(loadData(folder), "missing", /looked for train-images-idx3-ubyte .* got an empty folder\./);
    for (let k = 0; k < 10; k++) await writeFile(join(folder, `photo${k}.txt`), "");
    await expectFault(loadData(folder), "missing", /got photo0\.txt, .* and 2 more\./);
  });

  test("one part is missing", async () => {
    await writeIdx("", 4, 2);
    await rm(join(folder, "t10k-labels-idx1-ubyte"));
    await expectFault(loadData(folder), "missing", /looked for t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte/);
  });

  test("two sets in one folder", async () => {
    await writeIdx("", 4, 2);
    await writeFile(join(folder, "data_batch_1.bin"), record(1));
    await expectFault(loadData(folder), "ambiguous", /got several: train-images-idx3-ubyte, data_batch_1\.bin\./);
  });
});

describe("by name, from a folder", () => {
  test("a missing folder and an empty one", async () => {
    await expectFault(
      mnist("test", { folder: join(folder, "none") }),
      "missing",
      /none: a folder was expected, got ENOENT\. Give a folder that holds t10k-images/,
    );
    await expectFault(
      cifar10("train", { folder }),
      "missing",
      /looked for data_batch_1\.bin to data_batch_5\.bin and test_batch\.bin .*, got an empty folder/,
    );
  });

  test("images of another size than the set's", async () => {
    await writeIdx("", 4, 2);
    await expectFault(mnist("train", { folder }), "shape", /train-images-idx3-ubyte: images must be \[n, 1, 28, 28\], got \[4, 1, 2, 3\]/);
  });
});

test("the cache folder follows the environment", () => {
  vi.stubEnv("FOVEA_CACHE", "/a/b");
  expect(cacheFolder()).toBe("/a/b");
  vi.stubEnv("FOVEA_CACHE", "");
  vi.stubEnv("XDG_CACHE_HOME", "/x");
  expect(cacheFolder()).toBe(join("/x", "fovea"));
  vi.stubEnv("XDG_CACHE_HOME", "");
  expect(cacheFolder()).toMatch(/\.cache.fovea$/);
});

describe("tar", () => {
  const entry = (name: string, content: string, kind = "0") => {
    const block = Buffer.alloc(512 + Math.ceil(content.length / 512) * 512);
    block.write(name, 0);
    block.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    block.write("        ", 148);
    block.write(kind, 156);
    block.write(content, 512);
    const sum = block.subarray(0, 512).reduce((a, b) => a + b, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return block;
  };
  const archive = new Uint8Array(
    Buffer.concat([entry("d/", "", "5"), entry("d/a", "hello"), entry("d/b", "x".repeat(600)), Buffer.alloc(1024)]),
  );

  test("regular files by name", () => {
    const files = untar(archive, "t");
    expect([...files.keys()]).toEqual(["d/a", "d/b"]);
    expect(new TextDecoder().decode(files.get("d/a"))).toBe("hello");
    expect(files.get("d/b")?.length).toBe(600);
  });

  test("damaged and cut archives", () => {
    const damaged = archive.slice();
    damaged[3]! ^= 1;
    expect(() => untar(damaged, "t")).toThrow(/^t: tar header at byte 0 must add up to \d+, got \d+\. Fetch it again\.$/);
    expect(() => untar(archive.subarray(0, 2100), "t")).toThrow("t: d/b needs 600 bytes, got 52. Fetch it again.");
    expect(() => untar(archive.subarray(0, 2000), "t")).toThrow("t: a tar header at byte 1536 needs 512 bytes, got 464. Fetch it again.");
  });
});

const mini = sharedFolder("data/mini");
describe.skipIf(!mini)("small cuts of the published sets", () => {
  test("a folder of several sets: each loader finds its own", async () => {
    const digits = await mnist("train", { folder: mini! });
    expect([digits.name, digits.images.shape, digits.labels.data[0]]).toEqual(["mnist train", [2000, 1, 28, 28], 5]);
    const clothes = await fashionMnist("test", { folder: mini! });
    expect([clothes.images.shape[0], clothes.classes[clothes.labels.data[0]!]]).toEqual([1000, "Ankle boot"]);
    const photos = await cifar10("train", { folder: mini! });
    expect([photos.images.shape, photos.classes[photos.labels.data[0]!]]).toEqual([[500, 3, 32, 32], "frog"]);
    expect((await cifar10("test", { folder: mini! })).images.shape[0]).toBe(200);
    await expectFault(
      loadData(mini!),
      "ambiguous",
      /fashion-mnist-train-images-idx3-ubyte, mnist-train-images-idx3-ubyte, cifar10-train500\.bin\.gz/,
    );
  });

  test("packed and unpacked files give the same", async () => {
    for (const what of ["images-idx3", "labels-idx1"]) {
      const packed = await readFile(join(mini!, `mnist-t10k-${what}-ubyte.gz`));
      await writeFile(join(folder, `t10k-${what}-ubyte`), gunzipSync(packed));
    }
    const [a, b] = [await mnist("test", { folder }), await mnist("test", { folder: mini! })];
    expect(Buffer.compare(a.images.data, b.images.data)).toBe(0);
    expect(a.labels).toEqual(b.labels);
  });

  test("a folder called mnist has MNIST's classes and statistics", async () => {
    const named = join(folder, "mnist");
    await mkdir(named);
    for (const part of ["train", "t10k"]) {
      for (const what of ["images-idx3", "labels-idx1"])
        await copyFile(join(mini!, `mnist-${part}-${what}-ubyte.gz`), join(named, `${part}-${what}-ubyte.gz`));
    }
    const { train } = await loadData(named);
    expect([train.name, train.mean]).toEqual(["mnist train", [0.1307]]);
  });
});

const full = sharedFolder("data/mnist");
test.skipIf(!full)("MNIST from a mirror, into the cache, with the published hashes", async () => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    readFile(join(full!, request.url!)).then((content) => response.end(content));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  vi.stubEnv("FOVEA_CACHE", folder);
  try {
    const mirrors = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
    const first = await mnist("train", { mirrors });
    expect(first.images.shape).toEqual([60_000, 1, 28, 28]);
    const { mean, std } = channelStatistics(first.images);
    expect([Number(mean[0]!.toFixed(4)), Number(std[0]!.toFixed(4))]).toEqual([first.mean[0], first.std[0]]);
    await mnist("train", { mirrors });
    expect(requests).toEqual(["/train-images-idx3-ubyte.gz", "/train-labels-idx1-ubyte.gz"]);
    await expect(readFile(join(folder, "data", "mnist", "train-labels-idx1-ubyte.gz"))).resolves.toHaveLength(28881);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});
