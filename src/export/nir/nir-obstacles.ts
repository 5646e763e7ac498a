/** What of a network NIR 1.x cannot say. */
import type { FoldedActivation, FoldedNetwork } from "../folded-network.js";
import { hasOneRow } from "./folded-conv2d.js";

/**
 * Everything of a network that NIR has no word for, each as a clause such as `soft reset (NIR's neurons go to v_reset)`; empty where
 * {@link toNir} writes it.
 *
 * @param network - of `foldNetwork`
 */
export function nirObstacles(network: FoldedNetwork): string[] {
  const { plan, kind, extraSteps, convolutions, activations } = network;
  const found: string[] = [];
  const unless = (isSaid: boolean, obstacle: string) => {
    if (!isSaid) found.push(obstacle);
  };
  const norms = plan.layers.filter(({ name }) => {
    const conv = convolutions.get(name);
    return conv !== undefined && !hasOneRow(conv);
  });
  unless(norms.length === 0, `batch norm with factors of its own at every timestep (${listed(norms)})`);
  for (const obstacle of new Set([...activations.values()].flatMap(ofActivation))) found.push(obstacle);
  unless(kind === "snn" || activations.size === 0, "networks without neurons that spike");
  const joins = plan.layers.filter((layer) => layer.kind === "join");
  unless(joins.length === 0, `maps that are resized and joined (${listed(joins)})`);
  unless(plan.decoder === undefined, `a decoder of transposed convolutions (${stagesOf(network)})`);
  unless(extraSteps === 0, `${extraSteps} steps without input or batch norm behind the last timestep`);
  return found;
}

const listed = (layers: readonly { readonly name: string }[]) => {
  const names = layers.map(({ name }) => name);
  return names.length <= 3
    ? names.join(", ")
    : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
};

const stagesOf = ({ plan }: FoldedNetwork) =>
  (plan.decoder?.stages ?? []).map(({ upsampler }) => upsampler).join(", ");

function ofActivation(activation: FoldedActivation): string[] {
  if (activation.kind === "relu") return ["ReLU"];
  const { levels, amplitude, reset, imbalance, initialMembrane } = activation;
  return [
    ...(levels === undefined ? [] : [`spikes that are integers up to ${levels}`]),
    ...(levels === undefined && amplitude !== 1 ? [`spikes of another size than 1 (${amplitude})`] : []),
    ...(levels === undefined && reset === "soft"
      ? ["soft reset (neurons of NIR go to v_reset, they do not subtract the threshold)"]
      : []),
    ...(imbalance > 0 ? ["a second, negative threshold"] : []),
    ...(initialMembrane !== 0 ? ["membranes that start above 0"] : []),
  ];
}
