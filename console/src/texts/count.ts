// Numbers and counted words, as texts put them into sentences.

export const plural = (count: number, one: string, other: string): string =>
  new Intl.PluralRules('en').select(count) === 'one' ? one : other;
export const number = (count: number): string => new Intl.NumberFormat('en').format(count);
