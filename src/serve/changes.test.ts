import { expect, it } from "vitest";
import { Changes } from "./changes.js";

it("tells each run once, however often it changed meanwhile", async () => {
  const changes = new Changes();
  for (let i = 0; i < 1000; i++) changes.add(i % 2 === 0 ? "a" : "b");
  expect(await changes.next(1000)).toEqual(["a", "b"]);
});

it("wakes whoever waits, by a change, by the time, and by the end", async () => {
  const changes = new Changes();
  const waiting = changes.next(60_000);
  changes.add("a");
  expect(await waiting).toEqual(["a"]);
  expect(await changes.next(1)).toEqual([]);
  const last = changes.next(60_000);
  changes.close();
  expect(await last).toEqual([]);
  expect(await changes.next(60_000)).toEqual([]);
});
