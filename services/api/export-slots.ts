// Exports that run at once in this process: so many in all, fewer of one workspace, fewer still of one caller, so that nobody
// keeps the others from theirs.

export interface ExportSlotLimits {
  readonly caller: number;
  readonly workspace: number;
  readonly process: number;
}

export const EXPORT_SLOTS: ExportSlotLimits = { caller: 2, workspace: 4, process: 20 };

/** To be given back once; or whose limit keeps the caller from one. */
export type Slot = { readonly release: () => void } | { readonly full: keyof ExportSlotLimits };

export function createExportSlots(limits: ExportSlotLimits = EXPORT_SLOTS) {
  const taken = new Map<string, number>();
  const countOf = (name: string): number => taken.get(name) ?? 0;
  const add = (name: string, by: number): void => {
    const count = countOf(name) + by;
    if (count > 0) taken.set(name, count);
    else taken.delete(name);
  };
  return {
    /** @param workspaceId `null`: of everything, which is a workspace of its own here. */
    take(actor: string, workspaceId: string | null): Slot {
      const names = { caller: `caller ${actor}`, workspace: `workspace ${workspaceId ?? ''}`, process: 'process' };
      const all = ['caller', 'workspace', 'process'] as const;
      const full = all.find((of) => countOf(names[of]) >= limits[of]);
      if (full) return { full };
      for (const of of all) add(names[of], 1);
      return { release: () => all.forEach((of) => add(names[of], -1)) };
    },
  };
}
