// Upcasters of profiles. v1 named environments and flags by their ids alone, and knew whether keys manage keys, not which.
type Members = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Members | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null;

const labelled = (ids: unknown): unknown =>
  Array.isArray(ids) ? ids.map((id: unknown) => (typeof id === 'string' ? { id, label: id } : id)) : ids;

/** The data of KeyspaceDefined and KeyspaceChanged, from version 1 to 2; what has another shape is left to the schema. */
export function definedFromV1(data: unknown): unknown {
  const members = membersOf(data);
  const profile = membersOf(members?.profile);
  if (!members || !profile) return data;
  const { environments, flags } = profile;
  const later = { environments: labelled(environments), flags: labelled(flags), managesKeys: false };
  return { ...members, profile: { ...profile, ...later } };
}
