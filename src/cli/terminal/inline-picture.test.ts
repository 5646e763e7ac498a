import { describe, expect, it } from "vitest";
import { inlinePicture } from "./inline-picture.js";

const png = Uint8Array.from({ length: 9000 }, (_, i) => i % 251);
const controlStart = "\x1b";

describe("inlinePicture", () => {
  it("speaks iTerm2's protocol", () => {
    const text = inlinePicture(png, { TERM_PROGRAM: "iTerm.app", TERM: "xterm-256color" }) ?? "";
    const [head = "", content = ""] = text.split(":");
    const [, size] = /^.\]1337;File=inline=1;size=(\d+);/.exec(head) ?? [];
    expect([head[0], content.slice(-2)]).toEqual([controlStart, "\x07\n"]);
    expect(size).toBe("9000");
    expect(new Uint8Array(Buffer.from(content.slice(0, -2), "base64"))).toEqual(png);
  });

  it("speaks kitty's protocol in pieces of at most 4096 letters, the last one marked", () => {
    const text = inlinePicture(png, { TERM: "xterm-kitty" }) ?? "";
    const pieces = text.split(`${controlStart}_G`).slice(1);
    expect(pieces.map((piece) => piece.slice(0, piece.indexOf(";")))).toEqual([
      "a=T,f=100,m=1",
      "m=1",
      "m=0",
    ]);
    const letters = pieces.map((piece) => piece.slice(piece.indexOf(";") + 1, piece.indexOf(controlStart)));
    expect(Math.max(...letters.map((each) => each.length))).toBe(4096);
    expect(new Uint8Array(Buffer.from(letters.join(""), "base64"))).toEqual(png);
  });

  it("is silent elsewhere, and inside multiplexers", () => {
    expect(inlinePicture(png, { TERM: "xterm-256color" })).toBeUndefined();
    expect(inlinePicture(png, { TERM: "screen-256color", TERM_PROGRAM: "iTerm.app" })).toBeUndefined();
    expect(inlinePicture(png, { TERM: "xterm-kitty", TMUX: "/tmp/tmux" })).toBeUndefined();
  });
});
