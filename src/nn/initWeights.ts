import type { Module } from "./module.ts";

/**
 * Calls `rule` for the model and every module below it that has a name, so that it may give their weights other start values; gives the
 * model back. Nothing is drawn before `initialize`.
 *
 *     initWeights(model, (layer) => {
 *       if (layer instanceof Conv2d) layer.weight.init = kaimingNormalInit("fanOut");
 *     });
 *
 * PyTorch: `for m in self.modules(): ...`.
 */
export function initWeights<M extends Module>(model: M, rule: (module: Module, path: string) => void): M {
  for (const [path, module] of model.namedModules()) rule(module, path);
  return model;
}
