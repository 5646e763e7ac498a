/** Files: written at once or not at all, read with errors that name them. */

// Writing

export { type FileContent, writeFileAtomic } from "./atomic-write.js";
export { makeFolder, makeFoldersOf } from "./make-folder.js";

// Reading

export { crc32 } from "./crc32.js";
export { type OpenFile, readFileBytes, withFile } from "./read-file.js";
export { sha256, sha256File } from "./sha256.js";
export { isSystemFile } from "./system-files.js";

// Errors

export { fileError, systemErrorCode } from "./file-error.js";
