/** Debian's browser, for tests of pages. */
import { existsSync } from "node:fs";

/** Where it is; tests of pages skip without it. */
export const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

// Without a network of its own the browser would try to fetch components and lists at every start.
export const browserFlags = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
