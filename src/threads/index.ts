/** Worker threads: jobs to one thread, errors that keep their class. */
export { JobThread, type Served, serveJobs, threadScript } from "./job-thread.js";
export { type PlainError, plainError, revivedError } from "./plain-error.js";
