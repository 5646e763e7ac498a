/**
 * The streams that an AEDAT 4 file announces: an XML tree of nodes with attributes, as DV writes it. Only the
 * event streams are of interest here; the tree is scanned tag by tag, without entities or mixed content.
 */

/** An event stream: packets with this id hold events of a sensor of this size. */
export interface EventStream {
  readonly id: number;
  readonly width: number;
  readonly height: number;
  readonly source: string;
}

/** The streams of type `EVTS` of the info node, those with a missing or absurd size left out. */
export function eventStreams(infoNode: string): EventStream[] {
  const nodes: string[] = [];
  const attributes = new Map<string, string>();
  for (const [, open, key, value, close] of infoNode.matchAll(
    /<node name="([^"]*)"[^>]*>|<attr key="([^"]*)"[^>]*>([^<]*)<\/attr>|(<\/node>)/g,
  )) {
    if (open !== undefined) nodes.push(open);
    else if (close !== undefined) nodes.pop();
    else attributes.set([...nodes, key].join("/"), value ?? "");
  }
  const streams: EventStream[] = [];
  for (const [key, value] of attributes) {
    const id = /^outInfo\/(\d+)\/typeIdentifier$/.exec(key)?.[1];
    if (id === undefined || value !== "EVTS") continue;
    const info = (name: string) => attributes.get(`outInfo/${id}/info/${name}`) ?? "";
    const [width, height] = [Number(info("sizeX")), Number(info("sizeY"))];
    if (isSize(width) && isSize(height)) {
      streams.push({ id: Number(id), width, height, source: info("source") });
    }
  }
  return streams;
}

function isSize(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 32768;
}
