// Class names put together; what is not set is left out.
export const classes = (...names: (string | false | null | undefined)[]): string => names.filter(Boolean).join(' ');
