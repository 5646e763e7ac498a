/** What went wrong with a run's files, as words: whatever they do to their readers, the other runs are watched on. */
export async function problemOf(read: () => Promise<void>): Promise<string | null> {
  return await read().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
