/**
 * What one operation or one bit moved costs, as published; users may bring a table of their own.
 *
 * - 45 nm: Horowitz 2014, "Computing's energy problem", ISSCC: FP32 multiply 3.7, add 0.9; INT32 multiply 3.1, add 0.1;
 *   32 KiB SRAM 20 pJ and DRAM 1.3 nJ (the lower end) per 64 bits.
 * - 7 nm: Jouppi et al. 2021, "Ten lessons from three generations shaped Google's TPUv4i", ISCA: FP32 multiply 1.31,
 *   add 0.38; INT32 multiply 1.48, add 0.03; 32 KiB SRAM 8.5 pJ, HBM2 350 pJ (middle of 250 to 450) per 64 bits.
 *
 * `docs/design/energy.md` says of each how far it was checked.
 */

/** What a manufacturing process costs; energies in picojoules. */
export interface EnergyConstants {
  /** Of the process, such as `45 nm`. */
  readonly name: string;
  /** Who published the numbers. */
  readonly source: string;
  /** One 32-bit floating-point multiply-accumulate. */
  readonly macPj: number;
  /** One 32-bit floating-point addition. */
  readonly acPj: number;
  /** One 32-bit integer multiplication; b1 x b2 bits cost the share b1·b2/32². */
  readonly intMultiplyPj: number;
  /** One 32-bit integer addition; b bits cost the share b/32. */
  readonly intAddPj: number;
  /** One pseudo-random number: xorshift has three shifts and three exclusive-ors, each about an integer addition. */
  readonly drawPj: number;
  /** Reading or writing one bit of on-chip memory. */
  readonly sramPjPerBit: number;
  /** Reading one bit of off-chip memory. */
  readonly dramPjPerBit: number;
}

/** A chip's published energy per synaptic operation. */
export interface NeuromorphicChip {
  /** Of the chip, with its process. */
  readonly name: string;
  /** Picojoules for a spike that reaches a neuron through a weight. */
  readonly pjPerSynapticOperation: number;
  /** Who published the number. */
  readonly source: string;
}

/** Everything the energy models take from outside. */
export interface EnergyTables {
  /** At least one; both networks are compared in each. */
  readonly processes: readonly EnergyConstants[];
  /** May be none. */
  readonly chips: readonly NeuromorphicChip[];
}

const survey = "as listed by Tang et al. 2023, doi 10.3389/fnins.2023.1187252, table 3";

/** The tables used unless the user gives others. The first process is the paper's. */
export const publishedEnergies: EnergyTables = {
  processes: [
    {
      name: "45 nm",
      source: "Horowitz 2014, ISSCC, doi 10.1109/ISSCC.2014.6757323",
      macPj: 4.6,
      acPj: 0.9,
      intMultiplyPj: 3.1,
      intAddPj: 0.1,
      drawPj: 0.6,
      sramPjPerBit: 20 / 64,
      dramPjPerBit: 1300 / 64,
    },
    {
      name: "7 nm",
      source: "Jouppi et al. 2021, ISCA, doi 10.1109/ISCA52012.2021.00010",
      macPj: 1.69,
      acPj: 0.38,
      intMultiplyPj: 1.48,
      intAddPj: 0.03,
      drawPj: 0.18,
      sramPjPerBit: 8.5 / 64,
      dramPjPerBit: 350 / 64,
    },
  ],
  chips: [
    { name: "TrueNorth (28 nm)", pjPerSynapticOperation: 26, source: "Merolla et al. 2014, Science 345:668" },
    { name: "Loihi (14 nm)", pjPerSynapticOperation: 23.6, source: "Davies et al. 2018, IEEE Micro 38(1)" },
    { name: "ODIN (28 nm)", pjPerSynapticOperation: 12.7, source: "Frenkel et al. 2019, arXiv:1804.07858" },
    { name: "SpiNNaker2 (22 nm)", pjPerSynapticOperation: 10, source: `Höppner et al. 2021, ${survey}` },
    { name: "SENECA (22 nm)", pjPerSynapticOperation: 2.8, source: "Tang et al. 2023, Front. Neurosci. 17" },
    { name: "Tianjic (28 nm)", pjPerSynapticOperation: 1.54, source: `Deng et al. 2020, ${survey}` },
  ],
};
