/** `npm run bench -- [NAME [FLAG…]]`: one of the benchmarks of this folder, by default `throughput`. */
import { readdirSync } from "node:fs";

const [name = "throughput", ...rest] = process.argv.slice(2);
const names = readdirSync(import.meta.dirname).map((file) => file.replace(/\.ts$/, "")).filter((other) => other !== "index");
if (names.includes(name)) {
  process.argv.splice(2, Infinity, ...rest);
  await import(`./${name}.ts`);
} else {
  console.error(`no benchmark "${name}": allowed: ${names.join(", ")}`);
  process.exitCode = 2;
}
