/** fovea/models: the zoo. */

export { type AlexNetOptions, alexnet } from "./alexnet.ts";
export { type DenseNetOptions, densenet121, densenet161, densenet169, densenet201 } from "./densenet.ts";
export { type EfficientNetOptions, efficientnetB0 } from "./efficientnet.ts";
export { type GoogLeNetOptions, googlenet } from "./googlenet.ts";
export { type InceptionV3Options, inceptionV3 } from "./inceptionV3.ts";
export { type LeNet5Options, lenet5, lenet5Tanh } from "./lenet5.ts";
export { type LeNet51998Options, lenet51998 } from "./lenet51998.ts";
export { mnasnet0_5, mnasnet0_75, mnasnet1_0, mnasnet1_3 } from "./mnasnet.ts";
export { type MobileNetOptions, mobilenetV2 } from "./mobilenetV2.ts";
export { mobilenetV3Large, mobilenetV3Small } from "./mobilenetV3.ts";
export type { ImageModelOptions } from "./options.ts";
export { r3d18 } from "./r3d.ts";
export { createModel, type ModelOptions, models, type NamedNetwork, type ZooModel } from "./registry.ts";
export {
  type BottleneckOptions,
  type CifarResNetOptions,
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
export { shufflenetV2x0_5, shufflenetV2x1_0, shufflenetV2x1_5, shufflenetV2x2_0 } from "./shufflenetV2.ts";
export { type SignalNetOptions, signalNet } from "./signalNet.ts";
export { type SqueezeNetOptions, squeezenet1_0, squeezenet1_1 } from "./squeezenet.ts";
export { type TextCnnOptions, textCnn } from "./textCnn.ts";
export { type TinyVggOptions, tinyVgg } from "./tinyVgg.ts";
export { type VggOptions, vgg11, vgg11Bn, vgg13, vgg13Bn, vgg16, vgg16Bn, vgg19, vgg19Bn } from "./vgg.ts";
