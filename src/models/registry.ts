import type { DType } from "../base/dtype.ts";
import { nearest } from "../base/nearest.ts";
import type { Shape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Network } from "../nn/network.ts";
import { alexnet } from "./alexnet.ts";
import { densenet121, densenet161, densenet169, densenet201 } from "./densenet.ts";
import { efficientnetB0 } from "./efficientnet.ts";
import { googlenet } from "./googlenet.ts";
import { inceptionV3 } from "./inceptionV3.ts";
import { lenet5, lenet5Tanh } from "./lenet5.ts";
import { lenet51998 } from "./lenet51998.ts";
import { mnasnet0_5, mnasnet0_75, mnasnet1_0, mnasnet1_3 } from "./mnasnet.ts";
import { mobilenetV2 } from "./mobilenetV2.ts";
import { mobilenetV3Large, mobilenetV3Small } from "./mobilenetV3.ts";
import { r3d18 } from "./r3d.ts";
import {
  resnet18,
  resnet20,
  resnet32,
  resnet34,
  resnet44,
  resnet50,
  resnet56,
  resnet101,
  resnet110,
  resnet152,
  resnext50_32x4d,
  resnext101_32x8d,
  wideResnet50_2,
  wideResnet101_2,
} from "./resnet.ts";
import { shufflenetV2x0_5, shufflenetV2x1_0, shufflenetV2x1_5, shufflenetV2x2_0 } from "./shufflenetV2.ts";
import { signalNet } from "./signalNet.ts";
import { squeezenet1_0, squeezenet1_1 } from "./squeezenet.ts";
import { textCnn } from "./textCnn.ts";
import { tinyVgg } from "./tinyVgg.ts";
import { vgg11, vgg11Bn, vgg13, vgg13Bn, vgg16, vgg16Bn, vgg19, vgg19Bn } from "./vgg.ts";

/** A network by name: of any sizes. */
export type NamedNetwork = Network<Shape, readonly [number]>;

/** A model that has a name. */
export interface ZooModel {
  /** Shape of one input as published, without the batch: [channels, height, width]. */
  readonly input: Shape;
  /** Type of the input's elements: i32 where these are tokens. */
  readonly dtype: DType;
  /** Classes as published. */
  readonly classes: number;
  /** The network for inputs of this shape, which has as many axes as `input`, and so many classes; not initialised. */
  make(input: Shape, classes: number): NamedNetwork;
}

/** Makes a network for images with so many channels, in so many classes. */
type ForImages = (options: { readonly channels: number; readonly classes: number }) => unknown;

/** A model for images, of any size unless it says otherwise. */
const images = (make: ForImages, input: Shape = [3, 224, 224], classes = 1000): ZooModel => ({
  input,
  dtype: "f32",
  classes,
  make: ([channels], k) => make({ channels: channels!, classes: k }) as NamedNetwork,
});

/** LeNet-5's dense layers are as large as its images make them. */
const lenet = (make: typeof lenet5): ZooModel => ({
  input: [1, 28, 28],
  dtype: "f32",
  classes: 10,
  make: ([channels, height, width], classes) => make({ channels: channels!, height: height!, width: width!, classes }) as NamedNetwork,
});

/**
 * Every model that has a name, in the order in which to list them. Names are torchvision's where it has the model; others have
 * hyphens. A new model adds its line here.
 */
export const models: Readonly<Record<string, ZooModel>> = {
  lenet5: lenet(lenet5),
  "lenet5-tanh": lenet(lenet5Tanh),
  "lenet5-1998": { ...lenet(lenet51998), input: [1, 32, 32] },
  tinyvgg: {
    input: [3, 64, 64],
    dtype: "f32",
    classes: 10,
    make: ([channels, height, width], classes) => tinyVgg({ channels: channels!, height: height!, width: width!, classes }) as NamedNetwork,
  },
  alexnet: images(alexnet),
  vgg11: images(vgg11),
  vgg11_bn: images(vgg11Bn),
  vgg13: images(vgg13),
  vgg13_bn: images(vgg13Bn),
  vgg16: images(vgg16),
  vgg16_bn: images(vgg16Bn),
  vgg19: images(vgg19),
  vgg19_bn: images(vgg19Bn),
  resnet18: images(resnet18),
  resnet34: images(resnet34),
  resnet50: images(resnet50),
  resnet101: images(resnet101),
  resnet152: images(resnet152),
  resnext50_32x4d: images(resnext50_32x4d),
  resnext101_32x8d: images(resnext101_32x8d),
  wide_resnet50_2: images(wideResnet50_2),
  wide_resnet101_2: images(wideResnet101_2),
  resnet20: images(resnet20, [3, 32, 32], 10),
  resnet32: images(resnet32, [3, 32, 32], 10),
  resnet44: images(resnet44, [3, 32, 32], 10),
  resnet56: images(resnet56, [3, 32, 32], 10),
  resnet110: images(resnet110, [3, 32, 32], 10),
  r3d_18: images(r3d18, [3, 16, 112, 112], 400),
  densenet121: images(densenet121),
  densenet161: images(densenet161),
  densenet169: images(densenet169),
  densenet201: images(densenet201),
  googlenet: images(googlenet),
  inception_v3: images(inceptionV3, [3, 299, 299]),
  mobilenet_v2: images(mobilenetV2),
  mobilenet_v3_large: images(mobilenetV3Large),
  mobilenet_v3_small: images(mobilenetV3Small),
  squeezenet1_0: images(squeezenet1_0),
  squeezenet1_1: images(squeezenet1_1),
  shufflenet_v2_x0_5: images(shufflenetV2x0_5),
  shufflenet_v2_x1_0: images(shufflenetV2x1_0),
  shufflenet_v2_x1_5: images(shufflenetV2x1_5),
  shufflenet_v2_x2_0: images(shufflenetV2x2_0),
  mnasnet0_5: images(mnasnet0_5),
  mnasnet0_75: images(mnasnet0_75),
  mnasnet1_0: images(mnasnet1_0),
  mnasnet1_3: images(mnasnet1_3),
  efficientnet_b0: images(efficientnetB0),
  // Of tokens, the vocabulary as published; 56 is the length of the longest review.
  "text-cnn": { input: [56], dtype: "i32", classes: 2, make: (_, classes) => textCnn({ classes }) as NamedNetwork },
  "signal-net": images(signalNet, [1, 256], 2),
};

/** What a model by name is to be made for. */
export interface ModelOptions {
  /** Shape of one input, without the batch. Default: as published. */
  readonly input?: Shape;
  /** Default: as published. */
  readonly classes?: number;
}

/**
 * The model of that name, not initialised. Throws an OpError that lists the names if there is none.
 *
 *     const network = createModel("resnet18", { classes: 10 });
 *
 * torchvision: get_model.
 */
export function createModel(name: string, options: ModelOptions = {}): NamedNetwork {
  if (!Object.hasOwn(models, name)) {
    const close = nearest(name, Object.keys(models));
    const hint = close === undefined ? "" : `. Did you mean ${close}?`;
    throw new OpError("createModel", `the models are ${Object.keys(models).join(", ")}, got "${name}"${hint}`);
  }
  const model = models[name]!;
  const { input = model.input, classes = model.classes } = options;
  if (input.length !== model.input.length) {
    const wanted = `inputs of ${model.input.length} ${model.input.length === 1 ? "size" : "sizes"}, such as ${model.input.join("x")}`;
    throw new OpError("createModel", `${name} takes ${wanted}, got ${input.join("x")}`);
  }
  return model.make(input, classes);
}
