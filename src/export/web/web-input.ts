/** What a network sees, as its page is told. */
import type { ModelDescription } from "../../web/index.js";
import type { ExportedMeta } from "../exported-meta.js";

/** @param meta - of an export; the encoding is part of a page's input */
export function webInput({ input, encoding }: ExportedMeta): ModelDescription["input"] {
  const { size } = input;
  if (input.kind === "picture") {
    const { scale: channels, fit } = input;
    return { kind: "picture", size, channels, fit, encoding: encoding === "poisson" ? "poisson" : "direct" };
  }
  const { channels, representation, windowUs, scaling } = input;
  return {
    ...{ kind: "events", size, channels, representation, windowUs, scaling },
    encoding: encoding === "sequence" ? "sequence" : "direct",
  };
}
