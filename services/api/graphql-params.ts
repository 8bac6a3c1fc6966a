// The parameters of a GraphQL request, out of a JSON body or a query string. What is wrong is said in our own words:
// nothing of what was sent is repeated.
import { isUtf8 } from 'node:buffer';

export interface GraphqlParams {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>> | null;
}

export type ParsedParams =
  { readonly ok: true; readonly params: GraphqlParams } | { readonly ok: false; readonly message: string };

const bad = (message: string): ParsedParams => ({ ok: false, message });

export function paramsOfBody(bytes: Buffer): ParsedParams {
  if (!isUtf8(bytes)) return bad('The body is not UTF-8.');
  const body = parseJson(bytes.toString());
  if (body === undefined) return bad('The body is not JSON.');
  if (Array.isArray(body)) return bad('The body is a list: batches are not supported.');
  return isObject(body) ? readParams(body) : bad('The body is not a JSON object.');
}

export function paramsOfQuery(query: URLSearchParams): ParsedParams {
  const once = (name: string): string | null | undefined => {
    const values = query.getAll(name);
    return values.length > 1 ? undefined : (values[0] ?? null);
  };
  const [document, operationName, variables] = [once('query'), once('operationName'), once('variables')];
  if (document === undefined || operationName === undefined || variables === undefined) {
    return bad('A parameter is there twice.');
  }
  const parsed = variables === null || variables === '' ? null : parseJson(variables);
  if (parsed === undefined) return bad('"variables" is not JSON.');
  return readParams({ query: document, operationName: operationName === '' ? null : operationName, variables: parsed });
}

function readParams(body: Readonly<Record<string, unknown>>): ParsedParams {
  const { query, operationName = null, variables = null, extensions = null } = body;
  if (typeof query !== 'string' || query === '') return bad('"query" must be a text that is not empty.');
  if (operationName !== null && typeof operationName !== 'string')
    return bad('"operationName" must be a text or null.');
  if (variables !== null && !isObject(variables)) return bad('"variables" must be an object or null.');
  if (extensions !== null && !isObject(extensions)) return bad('"extensions" must be an object or null.');
  return { ok: true, params: { query, operationName, variables } };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
