/** `snnseg checkpoint import`: weights of other programs as a checkpoint that `eval` and training take. */
import { architectureName } from "../../models/index.js";
import { importWeights } from "../../runs/index.js";
import type { Terminal } from "../terminal/terminal.js";

/** Imports, and prints what was found. */
export async function printImport(
  [file, out]: readonly [string, string],
  { terminal, ...asked }: NonNullable<Parameters<typeof importWeights>[2]> & { readonly terminal: Terminal },
): Promise<void> {
  const { checkpoint, title, model, arrays, notes } = await importWeights(file, out, asked);
  const { kind, arch, inputChannels, numClasses } = model;
  terminal.print(
    `${title}: ${architectureName(arch)} (${kind}), ${inputChannels} input channels, ${numClasses} classes, ${arrays} arrays to ${checkpoint}`,
  );
  for (const note of notes) terminal.print(note);
  terminal.result({ checkpoint, notes, arrays, model });
}
