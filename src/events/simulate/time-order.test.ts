import { describe, expect, it } from "vitest";
import { Draws } from "../../random/index.js";
import { EventCollector } from "../event-batch.js";
import { longestSpanUs, TimeOrder } from "./time-order.js";

describe("TimeOrder", () => {
  it.each([0, 200, 9000, 3_000_000, longestSpanUs])(
    "gives events of up to %d µs in the order of time, and equal times in the order in which they came",
    (longest) => {
      const draws = new Draws(longest);
      const order = new TimeOrder();
      const events = new EventCollector();
      // Twice, as memory is kept, and more than it has room for at first.
      for (const [firstUs, count] of [
        [0, 5000],
        [7_000_000, 300],
      ] as const) {
        const pushed = Array.from({ length: count }, (_, pixel) => {
          const delay =
            pixel === 0 ? longest : Math.floor(draws.uniform() * Math.min(longest, 40)) * (longest / 40);
          return { delay: Math.floor(delay), pixel, polarity: draws.integer(2) };
        });
        for (const { delay, pixel, polarity } of pushed) order.push(delay, 2 * pixel + polarity);
        order.drain(events, { firstUs, width: 70 });
        const { timestampsUs, x, y, polarity } = events.take();
        // Array's sort keeps the order of equal elements.
        const sorted = [...pushed].sort((a, b) => a.delay - b.delay);
        expect([...timestampsUs]).toEqual(sorted.map(({ delay }) => firstUs + delay));
        expect(Array.from(x, (column, i) => y[i]! * 70 + column)).toEqual(sorted.map(({ pixel }) => pixel));
        expect([...polarity]).toEqual(sorted.map((event) => event.polarity));
      }
      order.drain(events, { firstUs: 0, width: 70 });
      expect(events.length).toBe(0);
    },
  );
});
