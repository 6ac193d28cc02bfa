import { Conv2d, ReLU, Residual, Sequential, summary } from "./base.ts";

// The depths that must pass: 25 Sequentials, 10 pairs of Residual and Sequential.
// biome-ignore format: nesting
summary(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Sequential(new Conv2d(3, 8, 3)))))))))))))))))))))))))), [3, 9, 9]);
// biome-ignore format: nesting
summary(new Residual(new Sequential(new Residual(new Sequential(new Residual(new Sequential(new Residual(new Sequential(new Residual(new Sequential(new Residual(new Sequential(new Residual(new Sequential(new Residual(new Sequential(new Residual(new Sequential(new Residual(new Sequential(new ReLU())))))))))))))))))))), [3, 9, 9]);
