/** The server's events, for as long as the page is looked at. */

/** The server says something every ten seconds. */
const longestSilenceMs = 30_000;
const pauseMs = 1500;

/**
 * Listens, and begins again after whatever breaks it. Hidden pages do not listen: a browser has few connections to a server.
 *
 * @param handlers - of the events `runs`, `run`, `gone`, each with its data, and `state` with `"live"` or `"lost"`
 */
export function listen(handlers) {
  let source;
  let timer;
  const begin = () => {
    end();
    if (document.hidden) return;
    source = new EventSource("/api/events");
    source.addEventListener("error", () => {
      handlers.state("lost");
      again(pauseMs);
    });
    for (const name of ["runs", "run", "gone", "here"]) {
      source.addEventListener(name, ({ data }) => {
        handlers.state("live");
        handlers[name]?.(JSON.parse(data));
        again(longestSilenceMs);
      });
    }
    again(longestSilenceMs);
  };
  const end = () => {
    clearTimeout(timer);
    source?.close();
  };
  const again = (afterMs) => {
    clearTimeout(timer);
    timer = setTimeout(begin, afterMs);
  };
  document.addEventListener("visibilitychange", begin);
  begin();
}
