/** One image through LeNet-5, and exit: `firstResult BACKEND`. */
import { BACKENDS, isBackendName } from "../tools/backends.ts";
import { networkProgram } from "./programs.ts";

const [name = ""] = process.argv.slice(2);
const make = isBackendName(name) ? BACKENDS[name] : undefined;
if (!make) throw new Error(`there is no backend ${name}`);
const program = await networkProgram(make(1), { model: "lenet5", n: 1 }, "fwd");
await program.run();
