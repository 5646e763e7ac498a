/** What `scripts/progress` writes, without what depends on the machine's speed. */
export function withoutTimes(text: string): string {
  return text.replace(/, about [^\r\n]* left/g, "").replace(/took [^\r\n]*/g, "took TIME");
}
