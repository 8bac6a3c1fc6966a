// Sessions in memory: what other stores are measured by.
import type { SessionRow, Sessions } from '../../projections/sessions.ts';

export function memorySessions(rows: Map<string, SessionRow>, call: (name: string) => Promise<void>): Sessions {
  return {
    async add(row) {
      await call('sessions.add');
      if (rows.has(row.id)) throw new Error('the id is taken');
      rows.set(row.id, structuredClone(row));
    },
    async load(id, now) {
      await call('sessions.load');
      const row = rows.get(id);
      return row && row.until > now ? structuredClone(row) : null;
    },
    async extend(id, until) {
      await call('sessions.extend');
      const row = rows.get(id);
      if (row && row.until < until) rows.set(id, { ...row, until });
    },
    async end(id) {
      await call('sessions.end');
      return rows.delete(id);
    },
    async endOf(subject) {
      await call('sessions.endOf');
      const theirs = [...rows.values()].filter((row) => row.subject === subject);
      for (const { id } of theirs) rows.delete(id);
      return theirs.length;
    },
    async list(now, limit) {
      await call('sessions.list');
      const live = [...rows.values()].filter(({ until }) => until > now);
      live.sort((a, b) => (a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt > b.createdAt ? -1 : 1));
      return structuredClone(live.slice(0, limit));
    },
    async sweep(now) {
      await call('sessions.sweep');
      const over = [...rows.values()].filter(({ until }) => until <= now);
      for (const { id } of over) rows.delete(id);
      return over.length;
    },
  };
}
