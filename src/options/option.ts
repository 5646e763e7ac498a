/**
 * What one option is: its zod schema, its default and the words that help texts and errors use for it.
 *
 * Schemas take the values of config files (numbers, booleans, lists) and the strings of a command line alike.
 */
import { z } from "zod";

/** Headings under which help texts and documentation list the options. */
export type OptionGroup = "Network" | "Spiking" | "Data" | "Training" | "Run";

/** One option of the configuration. */
export type Option<T> = {
  readonly group: OptionGroup;
  readonly help: string;
  /** How a help text names the value, such as `N`; `undefined` for switches. */
  readonly value: string | undefined;
  /** Completes "expected …" in an error. */
  readonly expected: string;
  /** Allowed words, for suggestions. */
  readonly choices: readonly string[] | undefined;
  readonly schema: z.ZodType<T>;
  readonly default: T;
  /** A file or folder, made absolute when the configuration is resolved. */
  readonly isPath: boolean;
  /** The option has a meaning only where one of these holds; always where there are none. */
  readonly only: readonly Needs[];
};

/** Options that each have one of these values; `null` stands for one that is not given, `any` for one that is. */
export type Needs = Readonly<Record<string, readonly string[]>>;

/** Options by name. */
export type Options = Readonly<Record<string, Option<unknown>>>;

/** The values of options. */
export type ValuesOf<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

/** What every option declares beside its kind of value. */
export type OptionWords<T> = {
  readonly group: OptionGroup;
  readonly help: string;
  readonly default: T;
  readonly only?: Needs | readonly Needs[];
};

type Kind<T> = Pick<Option<T>, "schema" | "expected" | "value"> &
  Partial<Pick<Option<T>, "choices" | "isPath">>;

/** Declares an option of a kind such as {@link integer} or {@link choice}. */
export function option<T>(kind: Kind<T>, words: OptionWords<NoInfer<T>>): Option<T> {
  return { choices: undefined, isPath: false, ...kind, ...words, only: [words.only ?? []].flat() };
}

/** The kind `kind`, or nothing (`null`, the usual default). */
export function optional<T>(kind: Kind<T>): Kind<T | null> {
  return { ...kind, schema: z.union([z.null(), kind.schema]) };
}

const numeral = z
  .string()
  .trim()
  .regex(/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i)
  .transform(Number);
const numberLike = z.union([z.number(), numeral]);

/** A whole number of at least `minimum`. */
export function integer(minimum: number, maximum = Number.MAX_SAFE_INTEGER): Kind<number> {
  const upper = maximum === Number.MAX_SAFE_INTEGER ? "" : ` and at most ${maximum}`;
  return {
    schema: numberLike.pipe(z.number().int().min(minimum).max(maximum)),
    expected: `a whole number of at least ${minimum}${upper}`,
    value: "N",
  };
}

/** A number that is greater than `bound`, and finite, also as a float32. */
export function numberAbove(bound: number): Kind<number> {
  const above = z.number().refine((x) => Number.isFinite(Math.fround(x)) && Math.fround(x) > bound);
  return {
    schema: numberLike.pipe(above),
    expected: `a number above ${bound} and within float32's range`,
    value: "X",
  };
}

/** A finite number from `minimum` to `maximum`, both included. */
export function numberWithin(minimum: number, maximum: number): Kind<number> {
  return {
    schema: numberLike.pipe(z.number().min(minimum).max(maximum)),
    expected: `a number from ${minimum} to ${maximum}`,
    value: "X",
  };
}

/** A number above 0 and at most 1. */
export const shareAboveZero: Kind<number> = {
  schema: numberLike.pipe(z.number().gt(0).max(1)),
  expected: "a number above 0 and at most 1",
  value: "X",
};

/** A number of at least 0 and below 1. */
export const shareBelowOne: Kind<number> = {
  schema: numberLike.pipe(z.number().min(0).lt(1)),
  expected: "a number of at least 0 and below 1",
  value: "X",
};

/** A number of at least `minimum` that is finite also as a float32. */
export function numberFrom(minimum: number): Kind<number> {
  const from = z.number().refine((x) => Number.isFinite(Math.fround(x)) && x >= minimum);
  return {
    schema: numberLike.pipe(from),
    expected: `a number of at least ${minimum} and within float32's range`,
    value: "X",
  };
}

/**
 * One of a few words; a file may write one that is a number without quotes.
 *
 * @param older - names that words had before, which runs have recorded; they are understood, but not offered
 */
export function choice<const W extends string>(
  words: readonly W[],
  older: Readonly<Record<string, W>> = {},
): Kind<W> {
  const today = (value: unknown) =>
    typeof value === "string" && Object.hasOwn(older, value) ? older[value] : value;
  return {
    schema: z.preprocess(
      (value) => (typeof value === "number" ? String(value) : today(value)),
      z.enum(words),
    ),
    expected: `one of ${words.join(", ")}`,
    value: words.join("|"),
    choices: words,
  };
}

/** A switch: `--name` and `--no-name`. */
export const toggle: Kind<boolean> = {
  schema: z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]),
  expected: "true or false",
  value: undefined,
};

/** Any non-empty text: `value` names it in help texts. */
export function text(value: string, expected: string): Kind<string> {
  return { schema: z.string().min(1), expected, value };
}

/** A file or folder: `value` names it in help texts. */
export function path(value: "FILE" | "DIR"): Kind<string> {
  return { ...text(value, value === "FILE" ? "a file's path" : "a folder's path"), isPath: true };
}

/** Height and width: `64` is a square, `48x64` or `[48, 64]` is height 48, width 64. */
export const imageSize: Kind<readonly [number, number]> = {
  schema: sizeSchema(),
  expected: "a side of 1 to 4096 pixels, or HEIGHTxWIDTH such as 48x64",
  value: "HxW",
};

function sizeSchema(): z.ZodType<readonly [number, number]> {
  const side = z.number().int().min(1).max(4096);
  const square = numberLike.transform((n): [number, number] => [n, n]);
  const words = z
    .string()
    .regex(/^\d+x\d+$/)
    .transform((word) => word.split("x").map(Number) as [number, number]);
  return z.union([z.tuple([z.number(), z.number()]), square, words]).pipe(z.tuple([side, side]));
}

/** Width and height of a sensor, `346x260`, in the field's order. */
export const sensorSize: Kind<string> = {
  schema: z.string().regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/),
  expected: "WIDTHxHEIGHT in pixels, such as 346x260",
  value: "WxH",
};

/** The least and the most of something, written `a,b` on a command line. */
export function range(item: Kind<number>, value: string): Kind<readonly [number, number]> {
  const rising = z.tuple([z.number(), z.number()]).refine(([least, most]) => least <= most);
  return {
    schema: list(item, value).schema.pipe(rising),
    expected: `the least and the most in rising order, such as ${value}, each ${item.expected}`,
    value,
  };
}

/** A list, written `a,b,c` on a command line. */
export function list<T>(item: Kind<T>, value: string): Kind<readonly T[]> {
  const split = z.string().transform((word) => word.split(",").map((part) => part.trim()));
  return {
    schema: z.union([z.array(z.unknown()), split]).pipe(z.array(item.schema)),
    expected: `a list such as ${value}, each ${item.expected}`,
    value,
  };
}
