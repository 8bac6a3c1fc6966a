// Addresses, networks and origins as the server takes them: ../../../events/fields.ts has the same rules.

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);
const HOST = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const ORIGIN = new RegExp(
  `^(https?)://(?:\\*\\.${HOST}(?:\\.${HOST})+|${HOST}(?:\\.${HOST})*|\\[([0-9a-f]*:[0-9a-f:.]*)\\])(?::([1-9]\\d{0,4}))?$`,
);

const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
const binary = (digits: readonly string[], base: number, width: number): string =>
  digits.map((each) => parseInt(each, base).toString(2).padStart(width, '0')).join('');

/** An address's bits; `null`: it is none. */
function bitsOf(address: string): string | null {
  if (IPV4.test(address)) return binary(address.split('.'), 10, 8);
  const url = `http://[${address}]`;
  if (!/^[\da-f:.]+$/i.test(address) || !URL.canParse(url)) return null;
  const [left, right] = new URL(url).hostname.slice(1, -1).split('::').map(groups);
  const [head = [], tail = []] = [left, right];
  return binary([...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail], 16, 16);
}

export const isAddress = (text: string): boolean => bitsOf(text) !== null;

/** An address, or a network without host bits. */
export function isNetwork(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  const bits = bitsOf(address);
  if (bits === null || rest.length > 0) return false;
  if (length === undefined) return true;
  return (
    /^(?:0|[1-9]\d{0,2})$/.test(length) && Number(length) <= bits.length && !bits.slice(Number(length)).includes('1')
  );
}

/** `scheme://host(:port)` in lower case; `*.` stands for one label. */
export function isOrigin(text: string): boolean {
  const match = ORIGIN.exec(text);
  if (!match || text.length > 255) return false;
  const [, scheme, address, port] = match;
  if (address !== undefined && !isAddress(address)) return false;
  return port === undefined || (Number(port) <= 65_535 && port !== (scheme === 'http' ? '80' : '443'));
}
