/** Where DDD17's lists lie in Ev-SegNet's layout, and which frames lie on the disk. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { checkFolder, listedPath } from "../../lists/list-file.js";
import {
  type FoundExample,
  type ListedRoot,
  type ListLayout,
  listsIn,
  stems,
} from "../../lists/list-layout.js";
import { ddd17Pair, folderFrames } from "./ddd17-files.js";

export function ddd17Layout(spec: ListedRoot): ListLayout {
  const { root } = spec;
  checkFolder(root, "ddd17");
  return {
    root,
    written: "datalists",
    fileOf: (split) => `${split}-new.txt`,
    lists: () => listsIn(join(root, "datalists"), spec.lists, root),
    filesOf(line) {
      const { events, labels } = ddd17Pair(line);
      return [listedPath(root, events), listedPath(root, labels)];
    },
    async find() {
      const complete: FoundExample[] = [];
      const leftOut: string[] = [];
      for (const folder of (await readdir(join(root, "events")).catch(() => [])).sort()) {
        const [events, labels] = await Promise.all([
          stems(join(root, "events", folder), ".npy"),
          stems(join(root, "labels", folder), ".png"),
        ]);
        for (const name of events) if (!labels.has(name)) leftOut.push(`events/${folder}/${name}: no labels`);
        for (const name of labels) if (!events.has(name)) leftOut.push(`labels/${folder}/${name}: no events`);
        if (![...events].some((name) => labels.has(name))) continue;
        for (const frame of await folderFrames(root, folder)) {
          complete.push({ line: `${frame.events} ${frame.labels}`, name: frame.name, splits: [folder] });
        }
      }
      return { complete, leftOut };
    },
  };
}
