/** Which column of a text recording is what: as the user says, as a header names them, or as the values show. */
import { OptionError } from "../errors.js";
import { formatError } from "./format-error.js";
import type { TimeUnit } from "./time-unit.js";

/** The place of each column in a line, and how many columns a line has. */
export interface Columns {
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly p: number;
  readonly count: number;
}

/** The orders that values can show: x comes before y, as nothing else tells the two apart. */
const usualOrders = "txyp txpy tpxy xtyp xtpy xytp xypt xpty xpyt ptxy pxty pxyt".split(" ");

/** A column of times may fall in a few lines, as sensors deliver some events late; others fall in half of them. */
const mostFalls = 0.1;

/** Columns of `xytp` or `t-xyp`. @throws OptionError if a letter is missing or stands twice */
export function columnsOfText(text: string): Columns {
  const letters = [...text.replaceAll(/[\s,]/g, "")];
  if (
    letters.every((letter) => "txyp-".includes(letter)) &&
    [..."txyp"].every((name) => once(letters, name))
  ) {
    return columnsOf(letters);
  }
  throw new OptionError(
    `--columns: expected t, x, y and p once each in the order of the file, such as xytp, with - for others, received ${text}; correct it`,
  );
}

const once = (letters: readonly string[], name: string) =>
  letters.indexOf(name) >= 0 && letters.indexOf(name) === letters.lastIndexOf(name);

function columnsOf(letters: readonly string[]): Columns {
  const place = (name: string) => letters.indexOf(name);
  return { t: place("t"), x: place("x"), y: place("y"), p: place("p"), count: letters.length };
}

const columnNames: readonly (readonly [letter: string, pattern: RegExp])[] = [
  ["t", /^(?:timestamps?|times?|ts|t)(?:[\s_]*[([]?(s|sec|seconds?|ms|us|usec|microseconds?|ns)[)\]]?)?$/],
  ["x", /^(?:x|col|column)(?:[\s_]*(?:pos|coord|addr|address))?$/],
  ["y", /^(?:y|row)(?:[\s_]*(?:pos|coord|addr|address))?$/],
  ["p", /^(?:p|pol|polarity|polarities|on)$/],
];

/** The columns and the unit of a line of names, such as `timestamp [us],x,y,polarity`. */
export function namedColumns(
  line: string,
): { readonly order: Columns; readonly unit: TimeUnit | undefined } | undefined {
  const words = line
    .trim()
    .split(/[,;\t]/.test(line) ? /[,;\t]/ : /\s+/)
    .map((word) => word.trim().replaceAll('"', "").toLowerCase());
  const letters = words.map((word) => columnNames.find(([, pattern]) => pattern.test(word))?.[0] ?? "-");
  if (![..."txyp"].every((name) => once(letters, name))) return undefined;
  const unit = columnNames[0]![1].exec(words[letters.indexOf("t")]!)?.[1];
  return { order: columnsOf(letters), unit: unit === undefined ? undefined : unitOfWord(unit) };
}

function unitOfWord(word: string): TimeUnit {
  if (word === "ms" || word === "ns") return word;
  return /^(u|micro)/.test(word) ? "us" : "s";
}

/**
 * The order that the values of rows of four fit, or undefined if they are no events.
 *
 * @throws DataFormatError if they fit several
 */
export function orderOfValues(path: string, rows: readonly (readonly number[])[]): Columns | undefined {
  const four = rows.filter((row) => row.length === 4);
  if (four.length === 0 || four.length < rows.length / 2) return undefined;
  const columns = [0, 1, 2, 3].map((c) => kindsOf(four.map((row) => row[c]!)));
  const fits = (order: string, needsTime: boolean) =>
    [...order].every((name, c) => {
      if (name === "p") return columns[c]!.isPolarity;
      return name === "t" ? columns[c]!.rises || !needsTime : columns[c]!.isPixel;
    });
  if (fits("txyp", true)) return columnsOf([..."txyp"]);
  const fitting = usualOrders.filter((order) => fits(order, true));
  if (fitting.length === 1) return columnsOf([...fitting[0]!]);
  // A shuffled file: no column rises, and only the first cannot be a pixel.
  if (fitting.length === 0 && fits("txyp", false) && !columns[0]!.isPixel) return columnsOf([..."txyp"]);
  const possible = usualOrders.filter((order) => fits(order, false));
  if (possible.length === 0) return undefined;
  throw formatError({
    path,
    at: "its first lines",
    expected: "columns t x y p, or another order that their values show",
    received: `columns that could be ${fitting.length > 0 ? fitting.join(" or ") : possible.join(" or ")}, with times that ${fitting.length > 0 ? "rise" : "fall"}`,
    nextStep: "say their order with --columns, such as --columns xytp",
  });
}

/** What a column could hold. */
function kindsOf(values: readonly number[]): {
  readonly isPolarity: boolean;
  readonly isPixel: boolean;
  readonly rises: boolean;
} {
  let [polarities, pixels, falls] = [0, 0, 0];
  values.forEach((value, i) => {
    if (value === 0 || value === 1 || value === -1) polarities++;
    if (Number.isInteger(value) && value >= 0 && value <= 65535) pixels++;
    if (i > 0 && value < values[i - 1]!) falls++;
  });
  const most = (count: number) => count >= (1 - mostFalls) * values.length;
  return {
    isPolarity: most(polarities),
    isPixel: most(pixels),
    rises: falls <= mostFalls * (values.length - 1),
  };
}
