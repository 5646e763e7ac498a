/** What JSON can say. Numbers must be finite to survive it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object; fields that are `undefined` are left out when it is written. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}
