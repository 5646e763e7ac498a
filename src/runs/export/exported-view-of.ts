/** What a page that shows a run's network begins with. */
import { holdsEvents } from "../../config/index.js";
import type { ExportedView, LiveExample } from "../../export/index.js";
import { encodePicturePng, resizeImage, type Size } from "../../images/index.js";
import { viewedImage } from "../../report/index.js";
import { createEvalLoader, splitsOf } from "../../training/index.js";
import type { OpenedRun } from "../open-run.js";
import { knownError } from "../predict/known-error.js";

/** Examples that are looked at; the one with the most classes is shown. */
const looks = 16;

/** Network and example; without one where the run's data are not here. */
export async function exportedViewOf(run: OpenedRun): Promise<ExportedView> {
  const { config } = run.model;
  try {
    return { config, example: await exampleOf(run) };
  } catch (error) {
    // Data that have been moved or changed since the training are no reason not to export the network.
    knownError(error);
    return { config };
  }
}

async function exampleOf({ config, model }: OpenedRun): Promise<LiveExample | undefined> {
  const split = splitsOf(config).evaluate;
  const loader = await createEvalLoader({ ...config, workers: 0 }, { split });
  try {
    const { dataset } = loader;
    if (dataset.channels !== model.config.inputChannels || dataset.length === 0) return undefined;
    let [most, richest] = [-1, 0];
    for (let look = 0; look < Math.min(looks, dataset.length); look++) {
      const index = Math.floor(((look + 0.5) * dataset.length) / Math.min(looks, dataset.length));
      const classes = new Set((await dataset.view(index)).label).size;
      if (classes > most) [most, richest] = [classes, index];
    }
    const { id, ...viewed } = await dataset.stored(richest);
    const name = `${id} of ${split}`;
    const shown = resizeImage(viewedImage(viewed), shownSize(viewed.size, config.imgSize));
    const picture = encodePicturePng(shown);
    if (!holdsEvents(config)) return { name, picture };
    return { name, picture, frame: (await dataset.read(richest, { seed: 0, epoch: 0 })).image };
  } finally {
    await loader.close();
  }
}

/** As large as the network's input, so that the page stays small. */
function shownSize([height, width]: Size, network: Size): Size {
  const scale = Math.min(1, Math.max(...network) / Math.max(height, width));
  return [Math.max(1, Math.round(scale * height)), Math.max(1, Math.round(scale * width))];
}
