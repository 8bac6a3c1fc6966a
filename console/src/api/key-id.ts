// A key's global id, by which the API finds it, out of the id that events name it by: base64url of `ApiKey:key_…`.
const KEY_ID = /^key_[0-9A-Za-z]{22}$/;

export const isKeyId = (text: string): boolean => KEY_ID.test(text);

export const globalKeyId = (keyId: string): string =>
  btoa(`ApiKey:${keyId}`).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
