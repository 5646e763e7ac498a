/** A segmenter's thread: opens the network once, then answers. */
import { workerData } from "node:worker_threads";
import { holdsEvents } from "../../config/index.js";
import { type EventDatasetSpec, openRecordingFrames, readingOf } from "../../datasets/index.js";
import { OptionError } from "../../errors.js";
import { decodePicture, type LabelMap, type RgbImage, readPicture } from "../../images/index.js";
import { eventImage } from "../../report/index.js";
import { type Served, serveJobs } from "../../threads/index.js";
import { datasetSpecOf } from "../../training/index.js";
import { labelPicture } from "../predict/label-picture.js";
import { openPredictor, type Predictor } from "../predict/predictor.js";
import { checkAsked, WindowAnswers } from "../predict/window-answers.js";
import type {
  Description,
  LabelledImage,
  LabelledWindow,
  SegmenterJob,
  SegmenterSetup,
} from "./segmenter-messages.js";

const setup = workerData as SegmenterSetup;
const opened = openPredictor(setup.path, setup);
// The first job reports a failed opening; until then it must not count as unhandled.
opened.catch(() => undefined);
const streams = new Map<number, AsyncGenerator<LabelledWindow>>();

serveJobs<SegmenterJob, Description | LabelledImage | undefined>(
  async (job) => {
    const predictor = await opened;
    switch (job.kind) {
      case "describe": {
        const { file, classes, colors, timesteps, forward } = predictor;
        return { answer: { file, classes, colors, timesteps, precision: forward.precision } };
      }
      case "picture": {
        checkInput(predictor, false);
        const image = await imageOf(job.picture, predictor);
        return moved(labelled(labelPicture(predictor, image).at(-1)!, image));
      }
      case "open":
        checkInput(predictor, true);
        checkAsked({ stream: job.carry }, predictor);
        streams.set(job.stream, windows(predictor, job));
        return { answer: undefined };
      case "next": {
        const { value } = (await streams.get(job.stream)?.next()) ?? {};
        return value === undefined ? { answer: undefined } : moved(value);
      }
      case "end":
        await streams.get(job.stream)?.return(undefined);
        streams.delete(job.stream);
        return { answer: undefined };
    }
  },
  {
    close: async () => {
      for (const stream of streams.values()) await stream.return(undefined);
      await opened.then((predictor) => predictor[Symbol.dispose]()).catch(() => undefined);
    },
  },
);

/** @throws OptionError if the network is one on the other kind of input */
function checkInput({ file, config }: Predictor, events: boolean): void {
  if (holdsEvents(config) === events) return;
  const [wanted, has] = events ? ["event frames", "pictures"] : ["pictures", "event frames"];
  throw new OptionError(
    `segmenter ${file}: expected a network of ${wanted}, received one of ${has}; use ${events ? "predict()" : "stream()"}`,
  );
}

async function imageOf(
  picture: string | Uint8Array | RgbImage,
  { orientation }: Predictor,
): Promise<RgbImage> {
  if (typeof picture === "string") return readPicture(picture, { orientation });
  return picture instanceof Uint8Array ? decodePicture(picture, "picture", { orientation }) : picture;
}

async function* windows(
  predictor: Predictor,
  { recording, carry, reading }: Extract<SegmenterJob, { kind: "open" }>,
): AsyncGenerator<LabelledWindow> {
  const asked = { stream: carry };
  const spec = datasetSpecOf(predictor.config) as EventDatasetSpec;
  const { size, frames } = await openRecordingFrames(recording, spec, {
    ...readingOf(predictor.config),
    ...reading,
  });
  using answers = new WindowAnswers(predictor, { asked, size });
  let window = 0;
  for await (const frame of frames()) {
    const { startUs, endUs, events, values } = frame;
    const map = answers.next(frame, window++).at(-1)!;
    const image = eventImage(values.data, { channels: values.channels, size });
    yield { ...labelled(map, image), startUs, endUs, events };
  }
}

function labelled({ data }: LabelMap, image: RgbImage): LabelledImage {
  return { mask: data as Uint8Array<ArrayBuffer>, image };
}

function moved<Answer extends LabelledImage>(answer: Answer): Served<Answer> {
  return { answer, transfer: [answer.mask.buffer, answer.image.data.buffer as ArrayBuffer] };
}
