/** What the users of networks in the zoo pay: their types are what goes in and what comes out. */
import { createModel, googlenet, resnet18, resnet50 } from "../../../src/models/index.ts";
import { summary } from "./base.ts";

summary(resnet18(), [3, 224, 224]);
summary(resnet18({ channels: 1, classes: 10 }), [1, 64, 64]);
summary(resnet50({ classes: 37 }), [3, 224, 224]);
summary(googlenet(), [3, 224, 224]);
summary(createModel("resnet18"), [3, 224, 224]);
