/** All ways of taking one value of every list, in the lists' order. */
export function combinations<T extends Readonly<Record<string, readonly unknown[]>>>(lists: T) {
  type Choice = { readonly [K in keyof T]: T[K][number] };
  return Object.entries(lists).reduce<Choice[]>(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{} as Choice],
  );
}
