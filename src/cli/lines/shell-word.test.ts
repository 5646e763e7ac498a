import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { shellWord } from "./shell-word.js";

it.each(["/runs/mine", "ä ö/rün 1", "it's", 'a"b', "$HOME", "a;b", "", "~x", "*"])(
  "is %j to a shell",
  (word) => {
    const heard = execFileSync("sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" });
    expect(heard).toBe(word);
  },
);

it("stays as it is where a shell takes it so", () => {
  expect(shellWord("/läufe/1.0_a-b")).toBe("/läufe/1.0_a-b");
});
