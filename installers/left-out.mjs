// Runs the test runner given in its words, and reads aloud what tests write into PLUMB_LEFT_OUT: each line as it comes,
// and the count before the runner's own summary, which stays the last thing printed.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";

const file = process.env.PLUMB_LEFT_OUT;
const [program, ...words] = process.argv.slice(2);
rmSync(file, { force: true });

const seen = new Set();
function readAloud() {
  if (!existsSync(file)) return;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line && !seen.has(line)) {
      seen.add(line);
      process.stderr.write(`${seen.size}. ${line}\n`);
    }
  }
}

const runner = spawn(program, words, { stdio: ["inherit", "inherit", "pipe"] });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => runner.kill(signal));
createInterface({ input: runner.stderr }).on("line", (line) => {
  readAloud();
  if (/^\s*(\u001b\[\d+m)*\s*Summary \[/.test(line)) {
    process.stderr.write(seen.size ? `left out in all: ${seen.size}\n` : "left out: nothing\n");
  }
  process.stderr.write(`${line}\n`);
});
runner.on("close", (code) => process.exit(code ?? 1));
