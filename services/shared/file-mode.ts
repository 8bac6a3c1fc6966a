// The mode of a file that is nobody else's business: what others may do with it, in words.
const READ = 0o004;
const WRITE = 0o002;

/** `can be read by everybody on this machine`, or written, or both; `null` when others may do neither. */
export function exposedTo(mode: number): string | null {
  const may = [...(mode & READ ? ['read'] : []), ...(mode & WRITE ? ['changed'] : [])];
  return may.length === 0 ? null : `can be ${may.join(' and ')} by everybody on this machine`;
}
