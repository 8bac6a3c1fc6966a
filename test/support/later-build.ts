// A build that comes after this one: it reads an event in a version that this one parks. Imports nothing, so that it can
// take the place of a module that everything imports.

/** The type of an event in a version that this build does not know yet. */
export const NEWER_TYPE = 'keyfold.KeyDisabled.v2';

interface Upcast {
  readWireType(wire: string): { readonly type: string; readonly version: number } | null;
}

/** `events/upcast.ts` as a later build has it: once `isFixed`, it reads {@link NEWER_TYPE} like the version before it. */
export function laterBuild<M extends Upcast>(upcast: M, isFixed: () => boolean): M {
  return {
    ...upcast,
    readWireType: (wire: string) =>
      upcast.readWireType(wire === NEWER_TYPE && isFixed() ? 'keyfold.KeyDisabled.v1' : wire),
  };
}
