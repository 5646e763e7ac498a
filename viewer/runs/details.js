/** Everything about runs, fetched anew whenever their overviews say that there is news. */

/**
 * Keeps the details of some runs. A run that changes while it is fetched is fetched once more, so that the last state is always seen.
 *
 * @param ids - of the runs
 * @param changed - called with the details that are known, by id
 * @returns `update(runs)`, for the overviews by id, and `close()`, after which nothing is called
 */
export function detailsOf(ids, changed) {
  const details = new Map();
  const fetching = new Set();
  let overviews = new Map();
  const fetchNews = async (id) => {
    if (fetching.has(id)) return;
    fetching.add(id);
    try {
      while (overviews.has(id) && details.get(id)?.version !== overviews.get(id).version) {
        const answer = await fetch(`/api/runs/${id}`);
        if (!answer.ok) break;
        const detail = await answer.json();
        if (!overviews.has(id)) break;
        details.set(id, detail);
        overviews.set(id, detail);
        changed(details);
      }
    } catch {
      // The server has gone; the next event comes when it is back.
    } finally {
      fetching.delete(id);
    }
  };
  const update = (runs) => {
    overviews = new Map(runs);
    const isGone = ids.filter((id) => !overviews.has(id)).map((id) => details.delete(id));
    if (isGone.includes(true) || isGone.length === ids.length) changed(details);
    for (const id of ids) fetchNews(id);
  };
  const close = () => overviews.clear();
  return { update, close };
}
