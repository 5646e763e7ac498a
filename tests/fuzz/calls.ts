/** Random calls of our operators: how one is made from a seed and a number, and how it is run. */
import * as engine from "../../src/engine/index.js";
import { Draws, derive } from "../../src/random/index.js";
import { fromSchema, gradientText, mutated } from "./mutations.js";
import { isTensor, type Source, textOf } from "./source.js";
import { randomOf, validCalls } from "./valid-calls.js";

export interface Call {
  readonly operator: string;
  /** Whether it must succeed. */
  readonly valid: boolean;
  /** The arguments' JavaScript. */
  readonly inputs: readonly string[];
  /** JavaScript of the gradient for a result `y`; undefined where there is no backward pass. */
  readonly gradient: string | undefined;
}

/** How a call ended: with a value, with an error that has a code, or not as it should. */
export type Outcome =
  | { readonly kind: "value" | "error" | "unmade" }
  | { readonly kind: "failure"; readonly why: string };

export const operators = () => engine.operatorNames("snnseg");

/** Call `index` of a seed: operators take turns, and a seventh of the calls is right in everything. */
export function makeCall(seed: number, index: number): Call {
  const names = operators();
  const operator = names[index % names.length]!;
  const table = validCalls[operator];
  if (table === undefined)
    throw new Error(`fuzz: expected a valid call of ${operator} in valid-calls.ts, found none`);
  const schema = engine.operatorArguments(operator);
  const r = randomOf(new Draws(derive(seed, "fuzz", index)));
  const valid = r.draws.chance(1 / 7);
  const inputs: Source[] =
    r.draws.chance(0.1) && !valid ? schema.map(({ type }) => fromSchema(r, type)) : table(r);
  if (!valid && inputs.length > 0) {
    for (let count = r.size(1, 3); count > 0; count--) {
      const at = r.draws.integer(inputs.length);
      inputs[at] = mutated(r, inputs[at]!, schema[at]?.type ?? "int");
    }
    if (r.draws.chance(0.03)) inputs.splice(r.draws.integer(inputs.length), 1);
    if (r.draws.chance(0.03)) inputs.push("0");
  }
  const asks = inputs.some(
    (input) => typeof input !== "string" && (isTensor(input) ? [input] : input).some((each) => each.asks),
  );
  return { operator, valid, inputs: inputs.map(textOf), gradient: asks ? gradientText(r, valid) : undefined };
}

/** Names that the package's main entry exports; the operators are in `snnseg/ops`. */
const ofMain = new Set(["Tensor", "tensorFrom", "scope", "keep", "noGrad"]);

/** A call as a program to paste. */
export function programOf({ operator, inputs, gradient }: Call): string {
  const used = Object.keys(engine).filter((name) =>
    new RegExp(`\\b${name}\\(`).test(inputs.join() + gradient),
  );
  const names = [...new Set(["Tensor", "invoke", ...used])];
  const imported = (entry: string, from: readonly string[]) =>
    `import { ${from.join(", ")} } from "${entry}";`;
  const lines = [
    imported(
      "snnseg",
      names.filter((name) => ofMain.has(name)),
    ),
    imported(
      "snnseg/ops",
      names.filter((name) => !ofMain.has(name)),
    ),
    `const inputs = [${inputs.join(", ")}];`,
    `const results = [invoke("${operator}", inputs)].flat();`,
  ];
  if (gradient !== undefined) {
    lines.push(
      `const y = results.find((x) => x instanceof Tensor && x.requiresGrad);`,
      `y?.backward(${gradient});`,
    );
  }
  return lines.join("\n");
}

const evaluate = (text: string, names: Readonly<Record<string, unknown>>): unknown =>
  new Function(...Object.keys(names), `"use strict"; return ${text};`)(...Object.values(names));

/** Runs a call in a scope of its own. */
export function runCall(call: Call): Outcome {
  const before = engine.liveTensors();
  const outcome = engine.scope("fuzz", () => runInside(call));
  const left = engine.liveTensors() - before;
  return left === 0 ? outcome : failure(`expected no tensor left behind, found ${left}`);
}

function runInside({ operator, valid, inputs: texts, gradient }: Call): Outcome {
  let inputs: engine.Argument[];
  try {
    inputs = texts.map((text) => evaluate(text, { ...engine }) as engine.Argument);
  } catch (error) {
    return valid ? failure(`expected arguments that can be made, received ${error}`) : { kind: "unmade" };
  }
  const kept = contentsOf(inputs.flat());
  let called = false;
  try {
    const results = [engine.invoke(operator, inputs)].flat();
    called = true;
    const y = results.find((result) => result instanceof engine.Tensor && result.requiresGrad);
    if (gradient !== undefined && y instanceof engine.Tensor) {
      const g = evaluate(gradient, { ...engine, y }) as engine.Tensor | undefined;
      const given = contentsOf([g]);
      y.backward(g);
      if (!equal(given, contentsOf([g]))) return failure("expected the gradient handed in unchanged");
    }
    return valid ? finite([...results, ...inputs.flat().map((input) => gradOf(input))]) : { kind: "value" };
  } catch (error) {
    if (valid) return failure(`expected a value, received ${error}`);
    if (!(error instanceof Error && "code" in error))
      return failure(`expected an error with a code, received ${error}`);
    if (!called && !equal(kept, contentsOf(inputs.flat())))
      return failure(`expected unchanged arguments after ${error}`);
    return { kind: "error" };
  }
}

const failure = (why: string): Outcome => ({ kind: "failure", why });

function gradOf(input: unknown): engine.Tensor | undefined {
  return input instanceof engine.Tensor && input.requiresGrad ? input.grad : undefined;
}

/** Elements of the arguments whose elements can be read. */
function contentsOf(inputs: readonly unknown[]): unknown[] {
  return inputs.map((input) => {
    try {
      return input instanceof engine.Tensor && input.numel < 1e6 ? input.toArray() : undefined;
    } catch {
      return undefined;
    }
  });
}

function equal(a: readonly unknown[], b: readonly unknown[]): boolean {
  const bytes = (x: unknown) =>
    ArrayBuffer.isView(x) ? Buffer.from(x.buffer, x.byteOffset, x.byteLength) : Buffer.alloc(0);
  return a.every((each, i) => bytes(each).equals(bytes(b[i])));
}

function finite(results: readonly unknown[]): Outcome {
  for (const result of results) {
    if (!(result instanceof engine.Tensor) || !["float32", "float64"].includes(result.dtype)) continue;
    if (!result.toNumbers().every(Number.isFinite))
      return failure("expected finite results of finite arguments");
  }
  return { kind: "value" };
}
