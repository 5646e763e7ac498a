/** Text made safe for SVG and HTML. */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for element content and quoted attributes; drops characters that XML forbids. */
export function escapeXml(text: string): string {
  const allowed = Array.from(text).filter((letter) => letter >= " " || letter === "\t" || letter === "\n");
  return allowed.map((letter) => entities[letter] ?? letter).join("");
}

/** Bytes as a `data:` address. */
export function dataUri(bytes: Uint8Array, type: string): string {
  return `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}`;
}
