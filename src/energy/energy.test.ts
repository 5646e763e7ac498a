import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { LayerOperations, NetworkOperations } from "../activity/index.js";
import { chipEnergies, compareEnergy } from "./compare-energy.js";
import { type EnergyConstants, publishedEnergies } from "./energy-constants.js";
import { loadEnergyTables } from "./load-energy-tables.js";
import { equivalentBits } from "./operation-prices.js";

const document = readFileSync(new URL("../../docs/design/energy.md", import.meta.url), "utf8");
const nm45 = publishedEnergies.processes[0]!;

// The worked example of docs/design/energy.md.
const conv = {
  name: "features.0",
  kind: "conv",
  source: "image",
  inputs: 12,
  outputs: 8,
  neurons: 8,
  fires: true,
  weights: 54,
} as const;
const output = {
  name: "classifier.0",
  kind: "output",
  source: "spikes",
  inputs: 8,
  outputs: 12,
  neurons: 0,
  fires: false,
  weights: 6,
} as const;
const draws = 0;
const snn: NetworkOperations = {
  kind: "snn",
  timesteps: 4,
  examples: 1,
  neurons: 8,
  spikes: 10,
  layers: [
    {
      ...conv,
      input: "events",
      passes: 4,
      denseMacs: 96,
      events: 20,
      synapticOperations: 160,
      accumulates: 160,
      multiplyAccumulates: 0,
      shortcut: (20 / 48) * 4 * 96,
    },
    {
      ...output,
      input: "events",
      passes: 4,
      denseMacs: 24,
      events: 10,
      synapticOperations: 30,
      accumulates: 30,
      multiplyAccumulates: 0,
      shortcut: 0.3125 * 4 * 24,
    },
  ],
  auxiliary: [
    { name: "encoding", multiplyAccumulates: 0, accumulates: 48, draws: 48 },
    { name: "neurons", multiplyAccumulates: 32, accumulates: 42, draws },
    { name: "resizing", multiplyAccumulates: 48, accumulates: 0, draws },
  ],
};
const dense = (layer: typeof conv | typeof output, macs: number): LayerOperations => ({
  ...layer,
  input: "real",
  passes: 1,
  denseMacs: macs,
  events: layer.inputs,
  synapticOperations: macs,
  accumulates: 0,
  multiplyAccumulates: macs,
  shortcut: macs,
});
const ann: NetworkOperations = {
  kind: "ann",
  timesteps: 1,
  examples: 1,
  neurons: 0,
  spikes: 0,
  layers: [dense(conv, 96), dense(output, 24)],
  auxiliary: [
    { name: "activation", multiplyAccumulates: 0, accumulates: 8, draws },
    { name: "normalization", multiplyAccumulates: 0, accumulates: 8, draws },
    { name: "resizing", multiplyAccumulates: 48, accumulates: 0, draws },
  ],
};

const comparison = compareEnergy({ snn, ann }, nm45);
const row = (id: string) => comparison.rows.find((candidate) => candidate.id === id)!;

describe("energy models", () => {
  it.each([
    ["float-synapses", 171, 552],
    ["float-operations", 648.8, 787.2],
    ["float-time-stepped", 43198.8, 41387.2],
    ["float-event-driven", 46998.8, 41387.2],
    ["integer-operations", 77.8, 48.14375],
    ["integer-time-stepped", 11152.8, 10203.14375],
  ])("%s gives the worked example of the documentation", (id, snnPj, annPj) => {
    expect(row(id).snn.totalPj).toBeCloseTo(snnPj, 6);
    expect(row(id).ann.totalPj).toBeCloseTo(annPj, 6);
    expect(row(id).ratio).toBeCloseTo(annPj / snnPj, 9);
    const line = document
      .split("\n")
      .find((text) => text.startsWith(`| \`${id}\``) && text.includes(String(snnPj)));
    expect(line, `the documentation's row of ${id}`).toContain(String(annPj));
  });

  it("splits the memory's share as documented", () => {
    const { parts } = row("float-time-stepped").snn;
    expect(parts).toEqual({
      synapses: expect.closeTo(171, 6),
      auxiliary: expect.closeTo(477.8, 6),
      weights: expect.closeTo(40900, 6),
      values: expect.closeTo(50, 6),
      membranes: expect.closeTo(1600, 6),
    });
    expect(row("float-time-stepped").ann.parts).toMatchObject({ weights: 40200, values: 400, membranes: 0 });
  });

  it("charges a convolution without neurons behind it for real values, and neurons for their membranes", () => {
    const silent = (network: NetworkOperations): NetworkOperations => {
      const [first, last] = network.layers as [LayerOperations, LayerOperations];
      return { ...network, layers: [{ ...first, fires: false, neurons: 0 }, last] };
    };
    const timeStepped = (networks: Parameters<typeof compareEnergy>[0], id: string) =>
      compareEnergy(networks, nm45).rows.find((candidate) => candidate.id === id)!;
    const changed = timeStepped({ snn: silent(snn), ann: silent(ann) }, "float-time-stepped");
    const before = row("float-time-stepped");
    const { sramPjPerBit } = nm45;
    // 8 outputs at 4 timesteps: 32 bits each instead of 1; no membrane of 32 bits is read and written.
    expect(changed.snn.parts.values - before.snn.parts.values).toBeCloseTo(8 * 4 * 31 * sramPjPerBit, 6);
    expect(before.snn.parts.membranes - changed.snn.parts.membranes).toBeCloseTo(
      8 * 4 * 64 * sramPjPerBit,
      6,
    );
    // An ANN's 8 outputs have 32 bits anyway; as integers 16 instead of an activation's 3.
    expect(changed.ann.parts.values).toBeCloseTo(before.ann.parts.values, 6);
    const quantised = timeStepped({ snn: silent(snn), ann: silent(ann) }, "integer-time-stepped");
    const values = quantised.ann.parts.values - row("integer-time-stepped").ann.parts.values;
    expect(values).toBeCloseTo(8 * 13 * sramPjPerBit, 6);
  });

  it("finds the rate at which both networks need the same", () => {
    expect(comparison.meanRate).toBe(0.3125);
    expect(row("float-synapses").breakEvenRate).toBeCloseTo((0.3125 * (552 - 144)) / 27, 9);
    expect(row("integer-operations").breakEvenRate).toBeNull();
    // At that rate the energies agree: scale spikes and what they cause.
    const factor = row("float-synapses").breakEvenRate! / comparison.meanRate;
    const [first, last] = snn.layers as [LayerOperations, LayerOperations];
    const scaled = { ...snn, layers: [first, { ...last, accumulates: last.accumulates * factor }] };
    const again = compareEnergy({ snn: scaled, ann }, nm45).rows[0]!;
    expect(again.snn.totalPj).toBeCloseTo(again.ann.totalPj, 6);
  });

  it("puts the field's shortcut and the chips beside", () => {
    expect(comparison.shortcutPj).toBeCloseTo(171, 6);
    const loihi = chipEnergies(snn, publishedEnergies.chips).find(({ chip }) =>
      chip.name.startsWith("Loihi"),
    )!;
    expect(loihi.totalPj).toBeCloseTo(190 * 23.6, 6);
  });

  it("gives a quantised twin as many values as a spike count has", () => {
    expect([1, 3, 4, 7, 8, 15, 20].map(equivalentBits)).toEqual([1, 2, 3, 3, 4, 4, 5]);
    expect(comparison.twinBits).toBe(3);
  });

  it("documents the constants that are used", () => {
    const [nm45, nm7] = publishedEnergies.processes as [EnergyConstants, EnergyConstants];
    const perWord = (pj: number) => `${Number((64 * pj).toFixed(6))}/64`;
    const rowOf = (name: string, value: (constants: EnergyConstants) => number | string) =>
      `| ${name} | ${value(nm45)} | ${value(nm7)} |`;
    for (const row of [
      rowOf("MAC, float32", ({ macPj }) => macPj),
      rowOf("AC, float32", ({ acPj }) => acPj),
      rowOf("integer multiplication, 32 bit", ({ intMultiplyPj }) => intMultiplyPj),
      rowOf("integer addition, 32 bit", ({ intAddPj }) => intAddPj),
      rowOf("random number (6 integer additions)", ({ drawPj }) => drawPj),
      rowOf("on-chip memory, per bit", ({ sramPjPerBit }) => perWord(sramPjPerBit)),
      rowOf("off-chip memory, per bit", ({ dramPjPerBit }) => perWord(dramPjPerBit)),
      ...publishedEnergies.chips.map(({ name, pjPerSynapticOperation: pj }) => `| ${name} | ${pj} |`),
    ]) {
      expect(document).toContain(row);
    }
    for (const { source } of publishedEnergies.processes) expect(document).toContain(source);
  });
});

describe("energy tables", async () => {
  const folder = await mkdtemp(join(tmpdir(), "snnseg-energy-"));
  afterAll(() => rm(folder, { recursive: true }));
  const load = async (text: string) => {
    const path = join(folder, "table.json");
    await writeFile(path, text);
    return loadEnergyTables(path);
  };

  it("are replaced by a file of the same form", async () => {
    expect(await load(JSON.stringify(publishedEnergies))).toEqual(publishedEnergies);
  });

  it("name the entry that is wrong", async () => {
    const process = { ...nm45, acPj: -1 };
    await expect(load(JSON.stringify({ processes: [process], chips: [] }))).rejects.toThrow(
      /processes\.0\.acPj/,
    );
    await expect(load("{")).rejects.toThrow(/table\.json: expected JSON/);
    await expect(loadEnergyTables(join(folder, "none.json"))).rejects.toThrow(/ENOENT/);
  });
});
