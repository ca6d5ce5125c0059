// For every line {pattern, text}: whether the pattern matches the whole text, with flag u and with v.
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const { pattern, text } = JSON.parse(line);
  const found = ["u", "v"].map((flag) => new RegExp(`^(?:${pattern})$`, flag).test(text));
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
