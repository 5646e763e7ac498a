/** Pictures inside terminals that can show them. */

const kittyPiece = 4096;

/**
 * The characters that make a terminal show a PNG, or `undefined` where nothing says that it can.
 *
 * Known are iTerm2's protocol (iTerm2, WezTerm) and kitty's (kitty, Ghostty). Multiplexers swallow both, so inside
 * them there is none.
 *
 * @see https://iterm2.com/documentation-images.html
 * @see https://sw.kovidgoyal.net/kitty/graphics-protocol/
 */
export function inlinePicture(png: Uint8Array, environment: NodeJS.ProcessEnv): string | undefined {
  const { TERM = "", TERM_PROGRAM = "", LC_TERMINAL = "", KITTY_WINDOW_ID, TMUX } = environment;
  if (TMUX !== undefined || TERM.startsWith("screen") || TERM.startsWith("tmux")) return undefined;
  const text = Buffer.from(png).toString("base64");
  if (KITTY_WINDOW_ID !== undefined || TERM === "xterm-kitty" || TERM === "xterm-ghostty") return kitty(text);
  if (["iTerm.app", "WezTerm"].includes(TERM_PROGRAM) || LC_TERMINAL === "iTerm2") {
    return `\x1b]1337;File=inline=1;size=${png.length};width=auto;preserveAspectRatio=1:${text}\x07\n`;
  }
  return undefined;
}

function kitty(text: string): string {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += kittyPiece) {
    const head = start === 0 ? "a=T,f=100," : "";
    const more = start + kittyPiece < text.length ? 1 : 0;
    pieces.push(`\x1b_G${head}m=${more};${text.slice(start, start + kittyPiece)}\x1b\\`);
  }
  return `${pieces.join("")}\n`;
}
