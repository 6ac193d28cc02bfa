import { input, type Tensor } from "../../../src/index.ts";
import { Conv2d, Flatten, Linear, Module } from "../../../src/nn/index.ts";
class Net extends Module {
  conv = new Conv2d(3, 32, 3);
  flatten = new Flatten();
  fc = new Linear(64, 10);
  override forward(x: Tensor<[number, 3, 8, 8]>) {
    const features = this.flatten.forward(this.conv.forward(x));
    // @expect Linear takes 64 features, but its input has 1152
    return this.fc.forward(features);
  }
}
new Net().forward(input("x", [1, 3, 8, 8]));
