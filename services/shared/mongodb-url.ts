// MongoDB's connection string, as far as its form goes: user, hosts, database and options stand where they belong. What
// the options may be is the driver's affair.
import { isIP } from 'node:net';

const FORM = /^mongodb(\+srv)?:\/\/([^/?#\s]+)(?:\/([^?#\s]*))?(?:\?([^#\s]*))?$/;
const USER = /^[^:@[\]]+(?::[^:@[\]]*)?$/;
const NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63})*\.?$/;
const DATABASE = /^[^/\\."$ ]{0,63}$/;
const OPTIONS = /^(?:[A-Za-z]+=[^&=]+(?:=[^&=]*)*(?:&|$))*$/;
const MAX_PORT = 65_535;

/** What is wrong with it, without a word of what it holds; `null` where the driver can read it. */
export function mongodbUrlProblem(text: string): string | null {
  const [, srv, authority = '', database = '', options = ''] = FORM.exec(text) ?? [];
  if (authority === '') return 'must be mongodb://host:port or mongodb+srv://host, with user, database and options';
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? null : authority.slice(0, at);
  const hosts = authority.slice(at + 1).split(',');
  if (user !== null && (!USER.test(user) || !isEncoded(user)))
    return 'must have user:password before the @, other characters than letters and digits in them percent-encoded';
  if (srv !== undefined && (hosts.length > 1 || !NAME.test(authority.slice(at + 1))))
    return 'must name one host without a port behind mongodb+srv://';
  if (!hosts.every(isHost)) return 'must name hosts as host or host:port, separated by commas';
  if (!isEncoded(database) || !DATABASE.test(decodeURIComponent(database)))
    return 'must name a database without . $ / \\ " and spaces behind its hosts, or none';
  if (!OPTIONS.test(options) || !isEncoded(options)) return 'must have options as name=value, separated by &';
  return null;
}

/** A host with or without a port, or the percent-encoded path of a socket. */
function isHost(text: string): boolean {
  if (/^%2f[^:]*\.sock$/i.test(text)) return isEncoded(text);
  const [, name = '', port] = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const known = name.startsWith('[') ? isIP(name.slice(1, -1)) === 6 : NAME.test(name);
  return known && (port === undefined || (Number(port) > 0 && Number(port) <= MAX_PORT));
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
