/** What operating systems leave in folders and archives beside the files of their users. */

const names: ReadonlySet<string> = new Set([".ds_store", "thumbs.db", "desktop.ini", "__macosx"]);

/**
 * Whether a path is no file of the user's: `._NAME` and `__MACOSX/…` of macOS archives, `.DS_Store`, `Thumbs.db`,
 * `desktop.ini`.
 */
export function isSystemFile(path: string): boolean {
  return path.split(/[\\/]/).some((part) => part.startsWith("._") || names.has(part.toLowerCase()));
}
