/** Asks the network about its source again and again, the newest input each time: what comes while all workers are busy is dropped. */
import type { Answer, RunSettings } from "./messages.js";
import type { Network } from "./network.js";
import type { Source } from "./sources/source.js";

/** Of what moves, neurons are looked at less often, as that takes time. */
const detailEveryMs = 400;
/** Over which time answers are counted. */
const rateMs = 2000;

/** What the loop asks and tells. */
export interface LoopListener {
  run(): RunSettings;
  /** @param rate - answers a second of what moves */
  answered(answer: Answer, rate: number | undefined): void;
  /** The source is closed then. */
  failed(error: unknown): void;
}

/** Runs as long as the page. */
export class Loop {
  readonly #network: Network;
  readonly #listener: LoopListener;
  #source: Source | undefined;
  #paused = false;
  /** Whether an answer is wanted although nothing moved. */
  #stale = false;
  #lanes = 0;
  #asked = 0;
  #shown = 0;
  #detailAt = 0;
  #answers: number[] = [];

  constructor(network: Network, listener: LoopListener) {
    this.#network = network;
    this.#listener = listener;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Closes the source before, and begins with this one. */
  open(source: Source): void {
    this.#source?.close();
    this.#source = source;
    this.#paused = false;
    this.#answers = [];
    this.refresh();
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#source?.setPaused(paused);
    this.#answers = [];
    this.#go();
  }

  /** The next input of a paused source. */
  async step(): Promise<void> {
    await this.#source?.step();
    this.refresh();
  }

  /** Answers anew, with details: a setting has changed, or a part of the page was opened. */
  refresh(): void {
    this.#stale = true;
    this.#go();
  }

  #go(): void {
    while (this.#lanes < this.#network.lanes && this.#isWanted()) void this.#lane();
  }

  #isWanted(): boolean {
    return this.#source !== undefined && (this.#stale || (this.#source.moves && !this.#paused));
  }

  async #lane(): Promise<void> {
    this.#lanes++;
    try {
      while (this.#isWanted()) {
        await this.#answer(this.#source!);
        // A page that is not seen gets no frames, and rests.
        await new Promise(requestAnimationFrame);
      }
    } catch (error) {
      this.#source?.close();
      this.#source = undefined;
      this.#listener.failed(error);
    } finally {
      this.#lanes--;
    }
    // What was wanted while the last frame was waited for.
    this.#go();
  }

  async #answer(source: Source): Promise<void> {
    const stale = this.#stale;
    this.#stale = false;
    const turn = ++this.#asked;
    const input = await source.input(stale);
    if (input === undefined) return;
    const now = performance.now();
    const detail = stale || now - this.#detailAt >= detailEveryMs;
    if (detail) this.#detailAt = now;
    const answer = await this.#network.segment({ input, run: this.#listener.run(), detail });
    // The reader may have chosen another source, or another worker have answered about a later input.
    if (source !== this.#source || turn < this.#shown) return answer.picture.close();
    this.#shown = turn;
    this.#listener.answered(answer, source.moves && !this.#paused ? this.#rate() : undefined);
  }

  /** Answers a second. */
  #rate(): number | undefined {
    const now = performance.now();
    this.#answers = [...this.#answers.filter((at) => now - at < rateMs), now];
    const [first] = this.#answers;
    return this.#answers.length > 2 ? (1000 * (this.#answers.length - 1)) / (now - first!) : undefined;
  }
}
