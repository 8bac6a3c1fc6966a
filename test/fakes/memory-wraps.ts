// What data keys are wrapped by, in memory.
import type { DataKeyWraps } from '../../projections/data-key-wraps.ts';
import type { DataKeyRow } from '../../projections/rows.ts';

export function memoryWraps(rows: Map<string, DataKeyRow | null>, call: (name: string) => Promise<void>): DataKeyWraps {
  const whole = () => [...rows.values()].filter((row) => row !== null);
  return {
    async scan(after, limit) {
      await call('wraps.scan');
      return whole()
        .filter(({ id }) => id > (after ?? ''))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },
    async uses(sealingKeyId) {
      await call('wraps.uses');
      return whole().some((row) => row.sealingKeyId === sealingKeyId);
    },
    async replace(rewraps) {
      await call('wraps.replace');
      const held = rewraps.filter(({ from }) => {
        const stored = rows.get(from.id);
        return stored?.wrapped === from.wrapped && stored.sealingKeyId === from.sealingKeyId;
      });
      for (const { to } of held) rows.set(to.id, to);
      return held.length;
    },
  };
}
