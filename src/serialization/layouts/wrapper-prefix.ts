/** Prefixes before every key of a network that was saved inside another module. */
import type { NamedArrays } from "../../arrays/index.js";

/** DataParallel's and torch.compile's, where the first convolution is not there to tell the prefix. */
const wrappers = ["module.", "_orig_mod."];
/** A key that every network here has. */
const firstWeight = "features.0.weight";

/**
 * Keys as the network itself has them: `module.` and `_orig_mod.` of PyTorch's wrappers, and names of attributes, such as
 * `model.` of a LightningModule, are dropped. Keys of other modules beside the network keep their names.
 */
export function unwrapKeys(keys: Iterable<string>): (key: string) => string {
  const prefixes = [...keys]
    .filter((key) => key === firstWeight || key.endsWith(`.${firstWeight}`))
    .map((key) => key.slice(0, -firstWeight.length))
    .sort((a, b) => a.length - b.length);
  const [prefix] = prefixes;
  if (prefix === undefined) return withoutWrappers;
  return (key) => (key.startsWith(prefix) ? key.slice(prefix.length) : key);
}

/** Arrays under the names of {@link unwrapKeys}. */
export function unwrapArrays(tensors: NamedArrays): NamedArrays {
  const unwrap = unwrapKeys(tensors.keys());
  return new Map([...tensors].map(([key, array]) => [unwrap(key), array]));
}

function withoutWrappers(key: string): string {
  const wrapper = wrappers.find((prefix) => key.startsWith(prefix));
  return wrapper === undefined ? key : withoutWrappers(key.slice(wrapper.length));
}
