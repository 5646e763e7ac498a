/** A word as a shell reads it again: in quotes where it has spaces or what means something to shells. */
export function shellWord(word: string): string {
  return /^[\p{L}\p{M}\p{N}_./:=@%+-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
