import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { encodePng, type PngImage, type Rgba } from "../../src/interop/png.ts";
import { count, duration, moment, percent, probability, short, significant, size } from "../../src/train/report/format.ts";
import { escapeHtml, Html, html } from "../../src/train/report/html.ts";
import { type ReportData, renderReport } from "../../src/train/report/index.ts";
import { contrast, DARK, heat, LEVELS, LIGHT } from "../../src/train/report/palette.ts";
import { colourReport, lenetReport } from "./sampleReport.ts";

const lenet = lenetReport();
const page = renderReport(lenet);
const { filters: _filters, example: _example, ...bare } = lenet;

/** Names of all tags in order; escaping leaves no other < and > in the page's body. */
const tags = (markup: string): string[] =>
  [...markup.replace(/<style>.*?<\/style>/s, "").matchAll(/<(\/?[a-z!][a-z0-9]*)/gi)].map((m) => m[1]!);

/** Text of the body, without markup. */
const words = (markup: string): string =>
  markup
    .replace(/^.*<body>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

/** The part of the page under one heading. */
const section = (markup: string, id: string): string => markup.match(new RegExp(`<section id="${id}".*?</section>`, "s"))?.[0] ?? "";

/** The first match outside pictures, for messages that do not hold a whole page. */
const found = (markup: string, pattern: RegExp): string | undefined => markup.replace(/base64,[^"]*/g, "").match(pattern)?.[0];

const pictures = (markup: string): Uint8Array[] =>
  [...markup.matchAll(/src="data:image\/png;base64,([^"]*)"/g)].map((m) => Buffer.from(m[1]!, "base64"));

describe("PNG", () => {
  const random = new RandomStream(1, "png test");
  const noise = (length: number, below = 256) => Uint8Array.from({ length }, (_, i) => random.below(below, i));
  const decoded = async (image: PngImage, channels: 1 | 3 | 4) => {
    const decoder = sharp(Buffer.from(encodePng(image)));
    const raw = await (channels === 1 ? decoder.toColourspace("b-w") : channels === 4 ? decoder.ensureAlpha() : decoder)
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([raw.info.width, raw.info.height, raw.info.channels]).toEqual([image.width, image.height, channels]);
    return raw.data;
  };

  test.each([
    [1, 1],
    [5, 3],
    [28, 28],
    [1, 70_000], // more than one stored block
    [300, 250],
  ])("%i x %i of every kind comes back from sharp", async (width, height) => {
    const area = width * height;
    for (const [kind, samples] of [["grey", 1] as const, ["rgb", 3] as const, ["rgba", 4] as const]) {
      const pixels = noise(area * samples);
      expect((await decoded({ kind, width, height, pixels }, samples)).equals(pixels)).toBe(true);
    }
    for (const alpha of [255, 77]) {
      const palette: Rgba[] = Array.from({ length: 63 }, (_, i) => [i * 4, 255 - i, i, i === 5 ? alpha : 255]);
      const pixels = noise(area, 63);
      const colours = Uint8Array.from([...pixels].flatMap((p) => palette[p]!));
      expect((await decoded({ kind: "indexed", width, height, pixels, palette }, 4)).equals(colours)).toBe(true);
    }
  });

  test("refuses what does not fit", () => {
    expect(() => encodePng({ kind: "grey", width: 2, height: 2, pixels: [1, 2, 3] })).toThrow(
      "png: 2 x 2 grey pixels take 4 bytes, got 3.",
    );
    expect(() => encodePng({ kind: "grey", width: 0, height: 2, pixels: [] })).toThrow(RangeError);
    expect(() => encodePng({ kind: "grey", width: 1.5, height: 2, pixels: [1, 2, 3] })).toThrow(RangeError);
    expect(() => encodePng({ kind: "indexed", width: 1, height: 1, pixels: [0], palette: [] })).toThrow("1 to 256 colours, got 0");
    expect(() => encodePng({ kind: "indexed", width: 1, height: 1, pixels: [1], palette: [[0, 0, 0, 255]] })).toThrow("colour 1 of 1");
  });
});

describe("numbers in words", () => {
  test.each([
    [count(0), "0"],
    [count(1_234_567), "1,234,567"],
    [count(-0.2), "0"],
    [significant(0.021_349), "0.0213"],
    [significant(0.9996), "1.00"],
    [significant(-2.306), "−2.31"],
    [significant(1234.5), "1,235"],
    [significant(3.2e-9), "3.20 × 10⁻⁹"],
    [short(2.205e-7), "2.205 × 10⁻⁷"],
    [short(1e-12), "10⁻¹²"],
    [short(-0.00025), "−0.00025"],
    [significant(Number.NaN), "not a number"],
    [short(0.05), "0.05"],
    [short(0.0125), "0.0125"],
    [short(100), "100"],
    [percent(0.98449, 200), "98.4%"],
    [percent(0.98449), "98.45%"],
    [percent(0.999_999), "99.99%"],
    [percent(1), "100%"],
    [percent(0), "0.00%"],
    [probability(0.0004), "<0.1%"],
    [probability(0.9997), "99.9%"],
    [probability(0.934), "93%"],
    [probability(1), "100%"],
    [probability(0), "0%"],
    [duration(0.424), "0.42 s"],
    [duration(34.24), "34.2 s"],
    [duration(125), "2 min 5 s"],
    [duration(3720), "1 h 2 min"],
    [size(512), "512 bytes"],
    [size(1), "1 byte"],
    [size(1_234_567), "1.18 MiB"],
    [moment("2026-05-03T16:20:07+02:00"), "3 May 2026, 14:20 UTC"],
    [moment("yesterday"), "yesterday"],
  ])("%s", (written, expected) => expect(written).toBe(expected));
});

describe("escaping", () => {
  const HOSTILE = `"><img src=x onerror='alert(1)'></title></style><script>alert(1)</script><!-- & \u0000`;
  const hostile = (text: string) => `${HOSTILE}${text}`;
  const poison = (data: ReportData): ReportData => ({
    ...data,
    title: hostile(data.title),
    model: hostile(data.model),
    dataset: hostile(data.dataset),
    date: hostile(data.date),
    command: hostile(data.command),
    weightsSha256: hostile(data.weightsSha256),
    environment: Object.fromEntries(Object.entries(data.environment).map(([name, value]) => [hostile(name), hostile(value)])),
    classes: data.classes.map(hostile),
    filters: { ...data.filters!, path: hostile(data.filters!.path) },
    example: { ...data.example!, maps: data.example!.maps.map((m) => ({ ...m, path: hostile(m.path), type: hostile(m.type) })) },
    layers: data.layers.map((row) => ({ ...row, path: hostile(row.path), type: hostile(row.type) })),
  });

  test("hostile names leave the page's elements as they are", () => {
    for (const data of [{ ...lenet, classes: lenet.classes.map((name) => `class ${name}`) }, colourReport()]) {
      const poisoned = renderReport(poison(data));
      // A command has an element per word: the harmless twin has as many words.
      const twin = { ...data, command: HOSTILE.replace(/\S+/g, "x") + data.command };
      expect(tags(poisoned)).toEqual(tags(renderReport(twin)));
      expect(found(poisoned, /<script|<img src=x|onerror='/)).toBeUndefined();
      expect(poisoned.includes(escapeHtml(HOSTILE))).toBe(true);
    }
  });

  test("only markup passes for markup", () => {
    expect(String(html`<b title="${'"'}">${["<", html`<i>${1}</i>`, false, undefined]}</b>`)).toBe('<b title="&quot;">&lt;<i>1</i></b>');
    // What a hostile JSON file might hold where a name should be.
    const forged = JSON.parse('{"markup":"<script>","toString":"<script>"}') as unknown;
    expect(Html.is(forged)).toBe(false);
  });
});

describe("a page by itself", () => {
  const every = {
    lenet: page,
    bare: renderReport(bare),
    colour: renderReport(colourReport()),
    many: renderReport(colourReport(500, 2)),
    unfinished: renderReport({
      ...bare,
      epochs: [],
      steps: [],
      mistakes: [],
      confusion: lenet.classes.map(() => lenet.classes.map(() => 0)),
    }),
  };

  test.each(Object.entries(every))("%s: asks for nothing, runs nothing", (_, markup) => {
    expect(found(markup, /https?:|\/\/|url\(|@import|<script|<link|<iframe|javascript:|\son[a-z]+=/i)).toBeUndefined();
    for (const [, target] of markup.matchAll(/(?:src|href)="([^"]*)"/g)) expect(target).toMatch(/^(#|data:image\/png;base64,)/);
    expect(found(markup, /content="default-src[^"]*"/)).toBe(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
    // Styles in attributes would need a looser policy than a hash of the one style element.
    expect(found(markup, /\sstyle="/)).toBeUndefined();
  });

  test.each(Object.entries(every))("%s: elements nest, ids are unique, links lead somewhere, pictures have texts", (_, markup) => {
    const open: string[] = [];
    const empty = new Set(["!doctype", "meta", "img", "br"]);
    const closed = new Set([...markup.matchAll(/<([a-z]+)[^>]*\/>/g)].map((m) => m[1]!));
    expect([...closed].every((name) => ["line", "path", "circle", "rect"].includes(name))).toBe(true);
    for (const tag of tags(markup.replace(/<[a-z]+[^>]*\/>/g, ""))) {
      if (tag.startsWith("/")) expect(open.pop()).toBe(tag.slice(1));
      else if (!empty.has(tag)) open.push(tag);
    }
    expect(open).toEqual([]);
    const ids = [...markup.matchAll(/\sid="([^"]*)"/g)].map((m) => m[1]!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of markup.matchAll(/(?:href="#|aria-labelledby=")([^"]*)"/g)) expect(ids).toContain(target);
    for (const [image] of markup.matchAll(/<img [^>]*>/g)) expect(image).toMatch(/ alt="/);
    for (const [figure] of markup.matchAll(/<[a-z]+ [^>]*role="(img|region)"[^>]*>/g)) expect(figure).toMatch(/ aria-label="[^"]+"/);
    expect(tags(markup).filter((tag) => tag === "h1")).toHaveLength(1);
  });

  test.each(Object.entries(every))("%s: nothing leaks into the text", (_, markup) => {
    expect(found(words(markup), /.{30}(undefined|NaN|Infinity|\[object|null)/)).toBeUndefined();
    expect(found(markup, /="(NaN|undefined|-\d)[^"]*"/)).toBeUndefined();
  });

  test("is small", () => {
    expect(page.length).toBeLessThan(200_000);
    expect(every.colour.length).toBeLessThan(600_000);
    const data = new Float32Array(64 * 112 * 112);
    const maps = Array.from({ length: 60 }, (_, k) => ({
      path: `features.${k}`,
      type: "Conv2d",
      values: { shape: [64, 112, 112], data },
    }));
    const image = { shape: [3, 224, 224], data: new Uint8Array(3 * 224 * 224) };
    const mistakes = colourReport().mistakes.map((m) => ({ ...m, image }));
    const large = renderReport({ ...colourReport(), mistakes, example: { ...colourReport().example!, image, maps } });
    expect(large.length).toBeLessThan(2_000_000);
  });

  test("plain JSON gives the same page", () => {
    const json = JSON.stringify(lenet, (_, value: unknown) => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value));
    expect(renderReport(JSON.parse(json) as ReportData) === page).toBe(true);
  });
});

describe("what the page says", () => {
  test("the result", () => {
    const right = lenet.confusion.reduce((n, row, t) => n + row[t]!, 0);
    const images = lenet.confusion.flat().reduce((n, c) => n + c, 0);
    const header = words(page.match(/<header>.*<\/header>/s)![0]);
    expect(header).toContain(`${((100 * right) / images).toFixed(2)}%`);
    expect(header).toContain(`${right.toLocaleString("en")} of ${images.toLocaleString("en")} images right`);
    for (const text of [lenet.title, "14.8 s", "5 epochs, 2 threads", "61,706", "seed 1", "3 May 2026, 14:20 UTC"])
      expect(header).toContain(text);
  });

  test("a title that says no more is not said twice", () => {
    const plain = renderReport({ ...bare, title: "lenet5 on strokes" });
    expect(words(plain)).toContain("Training report lenet5 on strokes Seed 1, 3 May 2026");
    const nameless = renderReport({
      ...bare,
      layers: [{ path: "", type: "Sequential", outputShape: [10], parameters: 0, multiplyAdds: 0 }],
    });
    expect(words(section(nameless, "layers"))).toContain("network Sequential 10 – –");
  });

  test("every number of every epoch", () => {
    const rows = [...section(page, "curves").matchAll(/<tr><th scope="row">.*?<\/tr>/gs)].map((m) => words(m[0]).trim().split(/\s+/));
    expect(rows).toHaveLength(lenet.epochs.length);
    for (const [i, e] of lenet.epochs.entries()) {
      const [epoch, trainLoss, testLoss, trainAccuracy, testAccuracy, lr, seconds, , speed] = rows[i]!;
      expect(epoch).toBe(String(i + 1));
      expect(Number(trainLoss)).toBeCloseTo(e.trainLoss, 3);
      expect(Number(testLoss)).toBeCloseTo(e.testLoss, 3);
      expect(Number.parseFloat(trainAccuracy!)).toBeCloseTo(100 * e.trainAccuracy, 1);
      expect(Number.parseFloat(testAccuracy!)).toBeCloseTo(100 * e.testAccuracy, 1);
      expect(Number(lr)).toBeCloseTo(e.lr, 6);
      expect(Number(seconds)).toBeCloseTo(e.seconds, 1);
      expect(Number(speed!.replace(",", ""))).toBe(Math.round(e.imagesPerSecond));
    }
  });

  test("the test points of the charts lie where the axes say", () => {
    for (const [chart, key] of [[0, "testLoss"] as const, [1, "testAccuracy"] as const]) {
      const svg = [...page.matchAll(/<svg class="chart".*?<\/svg>/gs)][chart]![0];
      const ticks = [...svg.matchAll(/<text x="46" y="([\d.]+)"[^>]*>([\d.]+)%?<\/text>/g)].map((m) => ({
        y: Number(m[1]),
        value: Number(m[2]),
      }));
      const scale = (v: number) => (chart === 0 ? Math.log(v) : 100 * v);
      const [a, b] = [ticks[0]!, ticks.at(-1)!].map(({ y, value }) => ({ y, at: chart === 0 ? Math.log(value) : value }));
      const points = [...svg.matchAll(/<circle class="disc test" cx="[\d.]+" cy="([\d.]+)"/g)].map((m) => Number(m[1]));
      expect(points).toHaveLength(5);
      for (const [i, e] of lenet.epochs.entries()) {
        const y = a!.y + ((scale(e[key]) - a!.at) / (b!.at - a!.at)) * (b!.y - a!.y);
        expect(points[i]).toBeCloseTo(y, 0);
      }
    }
  });

  test("the confusion matrix, cell by cell", () => {
    const rows = [...section(page, "confusion").matchAll(/<tr><th scope="row" title="[^"]*">.*?<\/tr>/gs)];
    expect(rows).toHaveLength(10);
    for (const [t, row] of rows.entries()) {
      const cells = [...row[0].matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map((m) => m[1]!.replace(/<[^>]*>/g, ""));
      expect(cells.slice(0, 10).map((c) => (c === "·" ? 0 : Number(c)))).toEqual(lenet.confusion[t]);
    }
    expect(section(page, "confusion")).toContain("“4” taken for “9”, 6 times");
  });

  test("mistakes as they were stored, the least likely truth first", async () => {
    const shown = section(page, "mistakes");
    const numbers = [...shown.matchAll(/no\. (\d+)/g)].map((m) => Number(m[1]));
    const chances = numbers.map((n) => lenet.mistakes.find((m) => m.index === n)!).map((m) => m.probabilities[m.trueClass]!);
    expect(chances).toEqual([...chances].sort((a, b) => a - b));
    const worst = lenet.mistakes.find((m) => m.index === numbers[0])!;
    const pixels = await sharp(pictures(shown)[0]).toColourspace("b-w").raw().toBuffer();
    expect([...pixels]).toEqual([...(worst.image.data as Uint8Array)]);
  });

  test("filters on the page's scale, in the colours of their signs", async () => {
    const { data } = lenet.filters!.weight;
    const most = Math.max(...Array.from(data, Math.abs));
    expect(section(page, "filters")).toContain(`−${most.toFixed(3)}`);
    const rgba = await sharp(pictures(section(page, "filters"))[0])
      .ensureAlpha()
      .raw()
      .toBuffer();
    for (let i = 0; i < 25; i++) {
      const [red, , blue, alpha] = rgba.subarray(4 * i, 4 * i + 4);
      expect(alpha! / 255).toBeCloseTo(Math.abs(data[i]!) / most, 1);
      if (alpha! > 0) expect(blue! > red!).toBe(data[i]! > 0);
    }
  });

  test("memory to the byte, layers, and how to do it again", () => {
    for (const bytes of Object.values(lenet.memory)) expect(section(page, "memory")).toContain(`<td>${bytes.toLocaleString("en")}</td>`);
    const layers = words(section(page, "layers"));
    expect(layers).toContain("416,520 multiply-adds for one image, 58% of them in layer 3");
    for (const row of lenet.layers) expect(layers).toContain(`${row.path} ${row.type} ${row.outputShape.join(" × ")}`);
    const again = words(section(page, "reproduce"));
    for (const text of [lenet.command, lenet.weightsSha256, "Node 20.20.2", "Threads 2", "bit for bit"]) expect(again).toContain(text);
    expect(found(renderReport({ ...lenet, bitExact: false }), /bit for bit/)).toBeUndefined();
  });
});

describe("unusual runs", () => {
  const noMistakes = lenet.confusion.map((row, t) => row.map((n, p) => (t === p ? n : 0)));

  test("one epoch without a mistake", () => {
    const one = renderReport({ ...lenet, epochs: lenet.epochs.slice(0, 1), steps: [], mistakes: [], confusion: noMistakes });
    expect(words(one)).toContain("After one epoch");
    expect(words(one)).toContain("There were none.");
    expect(found(section(one, "confusion"), /class="w\d|wrong:/)).toBeUndefined();
    expect(one.match(/<header>.*<\/header>/s)![0]).toContain("<b>100%</b>");
    expect(section(one, "curves").match(/class="disc test"/g)).toHaveLength(2 + 2);
  });

  test("a run that diverged", () => {
    const epochs = lenet.epochs.map((e, i) => (i < 2 ? e : { ...e, trainLoss: Number.NaN, testLoss: Number.POSITIVE_INFINITY }));
    const steps = lenet.steps.map((s) => (s.step < 400 ? s : { ...s, loss: Number.NaN }));
    const lost = renderReport({ ...lenet, epochs, steps });
    expect(words(lost)).toContain("Training diverged: in epoch 3");
    expect(found(lost, /NaN|Infinity/)).toBeUndefined();
    // JSON has no NaN: it becomes null.
    const json = JSON.stringify({ ...bare, mistakes: [], epochs, steps });
    expect(found(renderReport(JSON.parse(json) as ReportData), /NaN|null/)).toBeUndefined();
  });

  test("colour filters are colour pictures, and mistakes are photographs", async () => {
    const colour = renderReport(colourReport(10, 3));
    const data = colourReport(10, 3).filters!.weight.data;
    const most = Math.max(...Array.from(data, Math.abs));
    const [first] = pictures(section(colour, "filters"));
    const { data: rgb, info } = await sharp(first).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(3);
    for (let p = 0; p < 25; p++) {
      for (let c = 0; c < 3; c++) expect(Math.abs(rgb[3 * p + c]! - (127.5 + (127.5 * data[c * 25 + p]!) / most))).toBeLessThan(1);
    }
    expect((await sharp(pictures(section(colour, "mistakes"))[0]).metadata()).channels).toBe(3);
  });

  test("a hundred classes make a picture and lists, five hundred only lists", async () => {
    const hundred = section(renderReport(colourReport(100, 2)), "confusion");
    expect(hundred).not.toContain('<table class="matrix');
    const meta = await sharp(pictures(hundred)[0]).metadata();
    expect([meta.width, meta.height]).toEqual([100, 100]);
    expect(hundred).toContain("Least often found");
    const many = section(renderReport(colourReport(500, 2)), "confusion");
    expect(pictures(many)).toHaveLength(0);
    expect(many).toContain("Most often confused");
  });

  test("filters that see two channels, and layers larger than the page", async () => {
    const weight = { shape: [3, 2, 1, 3], data: Float32Array.from({ length: 18 }, (_, i) => i - 9) };
    const maps = [{ path: "0", type: "Conv2d", values: { shape: [40, 200, 100], data: new Float32Array(800_000).fill(1) } }];
    const wide = renderReport({ ...lenet, filters: { path: "0", weight }, example: { ...lenet.example!, maps } });
    expect(pictures(section(wide, "filters"))).toHaveLength(3 * 2 + 1);
    expect(words(section(wide, "filters"))).toContain("3 filters of 1 × 3 in layer 0 , each over 2 channels");
    const example = section(wide, "example");
    expect(example).toContain("and 24 more");
    const { width, height } = await sharp(pictures(example).at(-1)).metadata();
    expect(Math.max(width, height)).toBeLessThanOrEqual(64);
  });
});

test("text stands out from its ground, by day and by night", () => {
  for (const theme of [LIGHT, DARK]) {
    for (const ground of [theme.paper, theme.plate]) {
      expect(contrast(theme.ink, ground)).toBeGreaterThan(7);
      expect(contrast(theme.muted, ground)).toBeGreaterThan(4.5);
    }
    for (const hue of [theme.blue, theme.orange]) {
      expect(contrast(hue, theme.paper)).toBeGreaterThan(4.5);
      for (let level = 1; level <= LEVELS; level++) {
        const { fill, text } = heat(theme, hue, level);
        expect(contrast(fill, text)).toBeGreaterThan(4.5);
      }
    }
    for (const part of [theme.teal, theme.plum, theme.grey]) expect(contrast(part, theme.paper)).toBeGreaterThan(3);
  }
});
