/** Everything that `fovea explain` finds out. */
import { featureMaps } from "../../analysis/explain/featureMaps.ts";
import { convolutions, filters } from "../../analysis/explain/filters.ts";
import { NdArray } from "../../base/ndarray.ts";
import { OpError } from "../../ir/op.ts";
import { predict } from "../../train/node.ts";
import type { Check, Explanation, Omitted, PixelMap } from "../../train/report/explain/data.ts";
import { UsageError } from "../failure.ts";
import { backendFor } from "../machine.ts";
import type { Terminal } from "../terminal.ts";
import { checkOf } from "./checks.ts";
import { commandOf, type ExplainOptions } from "./explainOptions.ts";
import { type Answer, CHECKED_METHODS, DEFAULT_METHODS, PIXEL_METHODS, type Question } from "./methods.ts";
import { groundOf, normalized, pixelTaken, type Subject, subjectOf } from "./subject.ts";
import { wantedImages } from "./wanted.ts";
import { checkSpatial, checkWatched, layersOf, watchedOf } from "./watched.ts";

/** Convolutions whose filters are shown where nobody names any: the first ones, since only those see pixels. */
const MOST_BANKS = 2;

/** What the page shows, and what else the methods for pixels have to say. */
export interface Found {
  readonly explanation: Explanation;
  readonly answers: ReadonlyMap<string, Answer>;
}

/** Loads the network and the image, and asks every method that is wanted. */
export async function explanationOf(terminal: Terminal, options: ExplainOptions, path: string): Promise<Found> {
  const subject = await subjectOf(terminal, path, options);
  const { model, classes, imageShape } = subject;
  const backend = backendFor(options);
  const layers = layersOf(model, imageShape);
  if (options.watch) checkWatched(options.watch, layers);
  if (options.layer !== undefined) checkSpatial(options.layer, layers);
  const shows = (method: string): boolean => (options.method ?? DEFAULT_METHODS).includes(method);
  const now = (what: string): void => terminal.status(`explaining: ${what}`);

  now("the answer");
  const { probabilities, classes: predicted } = await predict(model, subject.image, { ...subject, backend });
  const question = await questionOf(subject, options, predicted[0]!);
  const { x, target } = question;
  const watched = shows("maps") ? watchedOf(layers, options.watch) : [];
  const values = await featureMaps(model, x, { layers: [...watched, ""], backend });

  const pixels = await askAll(question, options, shows, now);
  const banks = shows("filters") ? banksOf(subject, options.watch) : [];
  const wanted = shows("maximization")
    ? await wantedImages(subject, layers, { ...options, watch: options.watch, backend }, (layer) =>
        now(`what ${layer === "" ? "the classes look" : `${layer} looks`} for`),
      )
    : [];
  const checks: Check[] = [];
  if (shows("check")) {
    const asked = CHECKED_METHODS.filter((method) => pixels.answers.has(method));
    for (const method of asked.length > 0 ? asked : CHECKED_METHODS) {
      now(`sanity check of ${method}`);
      const check = await unlessImpossible(() => checkOf(method, question));
      if (!(check instanceof OpError)) checks.push(check);
    }
  }

  const { trueClass } = subject;
  return {
    answers: pixels.answers,
    explanation: {
      title: `What ${subject.name} sees`,
      model: subject.name,
      weights: subject.weights,
      imageName: subject.imageName,
      image: { shape: imageShape, data: subject.image.data },
      classes,
      probabilities: probabilities.data,
      target,
      ...(trueClass !== undefined && { trueClass }),
      score: values.get("")!.data[target]!,
      pixels: pixels.maps,
      omitted: pixels.omitted,
      maps: watched.map((path) => {
        const { shape, data } = values.get(path)!;
        return { path, type: layers.get(path)!.type, values: { shape: shape.slice(1), data } };
      }),
      leftOut: watched.length === 0 || options.watch ? 0 : watchedOf(layers, undefined, Number.POSITIVE_INFINITY).length - watched.length,
      filters: banks.map((bank) => filters(model, bank)),
      wanted,
      checks,
      command: commandOf(path, options),
    },
  };
}

async function questionOf(subject: Subject, options: ExplainOptions, predicted: number): Promise<Question> {
  const backend = backendFor(options);
  const x = await normalized(subject, backend);
  const own = groundOf(subject);
  const ground = pixelTaken(subject, (c) => options.fill ?? own[c]!);
  const area = x.data.length / ground.length;
  return {
    model: subject.model,
    x,
    target: options.class === undefined ? predicted : classOf(options.class, subject.classes),
    ground,
    empty: new NdArray(
      "f32",
      x.shape,
      x.data.map((_, i) => ground[Math.floor(i / area)]!),
    ),
    layer: options.layer,
    seed: options.seed,
    backend,
  };
}

/** The class of that name, or of that index. */
function classOf(text: string, classes: readonly string[]): number {
  const named = classes.indexOf(text);
  if (named >= 0) return named;
  const index = /^\d+$/.test(text) ? Number(text) : -1;
  if (index >= 0 && index < classes.length) return index;
  const names = classes.length <= 20 ? `${classes.join(", ")}, or ` : "a class's name, or ";
  throw new UsageError(`--class must be ${names}0 to ${classes.length - 1}, got ${text === "" ? '""' : text}`);
}

async function askAll(
  question: Question,
  options: ExplainOptions,
  shows: (method: string) => boolean,
  now: (what: string) => void,
): Promise<{ maps: readonly PixelMap[]; omitted: readonly Omitted[]; answers: ReadonlyMap<string, Answer> }> {
  const maps: PixelMap[] = [];
  const omitted: Omitted[] = [];
  const answers = new Map<string, Answer>();
  for (const [method, entry] of Object.entries(PIXEL_METHODS)) {
    if (!shows(method)) continue;
    now(entry.title);
    const asked = options.method !== undefined || (method === "grad-cam" && options.layer !== undefined);
    const answer = await (asked ? entry.explain(question) : unlessImpossible(() => entry.explain(question)));
    if (answer instanceof OpError) {
      omitted.push({ method: entry.title, why: answer.message });
      continue;
    }
    answers.set(method, answer);
    const { title, what, source, signed } = entry;
    const map = { shape: answer.map.shape.slice(1), data: answer.map.data };
    maps.push({ method, title, what, source, signed, map, ...(answer.note !== undefined && { note: answer.note }) });
  }
  return { maps, omitted, answers };
}

/** What `ask` gives, or the OpError that says why there is no such thing for this network. */
async function unlessImpossible<T>(ask: () => Promise<T>): Promise<T | OpError> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof OpError) return error;
    throw error;
  }
}

function banksOf({ model }: Subject, watch: readonly string[] | undefined): readonly string[] {
  const all = [...convolutions(model).keys()];
  return watch ? watch.filter((path) => all.includes(path)) : all.slice(0, MOST_BANKS);
}
