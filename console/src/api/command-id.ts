// Ids of commands: 160 random bits. A command that is sent again under its id has one effect (F3).

/** 40 hexadecimal digits; `crypto.randomUUID` is there on https alone. */
export function newCommandId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
