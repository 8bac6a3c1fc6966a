// Upcasting: an event that was written in an old version is read as the current one. Pure; the log is never rewritten.
import { catalogue, isEventType, type EventType } from './catalogue.ts';
import { definedFromV1 } from './keyspaces/upcast.ts';

/** The parts of an event before they are validated against the current schemas. */
export interface RawParts {
  readonly data: unknown;
  readonly personal: unknown;
  readonly private: unknown;
}

type Step = (parts: RawParts) => RawParts;
/** Per event: the step from version n to n + 1, under n. */
export type Upcasters = Partial<Record<EventType, Readonly<Record<number, Step>>>>;

const ofData =
  (step: (data: unknown) => unknown): Step =>
  (parts) => ({ ...parts, data: step(parts.data) });

const steps: Upcasters = {
  KeyspaceDefined: { 1: ofData(definedFromV1) },
  KeyspaceChanged: { 1: ofData(definedFromV1) },
};

/** The type and version that a wire name means; `null` for one that this build does not know. */
export function readWireType(wire: string): { readonly type: EventType; readonly version: number } | null {
  const match = /^keyfold\.([A-Za-z]+)\.v([1-9]\d{0,3})$/.exec(wire);
  const [, type = '', version = ''] = match ?? [];
  if (!isEventType(type) || Number(version) > catalogue[type].version) return null;
  return { type, version: Number(version) };
}

/** Takes parts from the version that they were written in to the current one; `using` are the upcasters, by event. */
export function upcast(
  type: EventType,
  from: number,
  parts: RawParts,
  to = catalogue[type].version as number,
  using = steps,
): RawParts {
  let current = parts;
  for (let version = from; version < to; version++) {
    const step = using[type]?.[version];
    if (!step) throw new TypeError(`no upcaster from ${type} v${version}`);
    current = step(current);
  }
  return current;
}
