// Things of a profile that are called like their ids.
export const named = (...ids: readonly string[]): { id: string; label: string }[] =>
  ids.map((id) => ({ id, label: id }));
