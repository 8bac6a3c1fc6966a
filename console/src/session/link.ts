// What the fragment of a link says, `/sign-in#code=…` or `#error=…`: it is sent to nobody, and taken from the address before
// anything else is done.

export type SignInLink =
  | { readonly kind: 'code'; readonly code: string }
  /** Why the identity provider signed nobody in. */
  | { readonly kind: 'error'; readonly error: string };

/** `null`: the page was opened without one. Afterwards the address and the history have none. */
export function takeLink(): SignInLink | null {
  const address = new URL(window.location.href);
  const params = new URLSearchParams(address.hash.slice(1));
  const code = params.get('code');
  const error = params.get('error');
  if (code === null && error === null) return null;
  address.hash = '';
  if (address.pathname === '/sign-in') address.href = address.origin;
  // All of it: a path alone that begins with two slashes would be another host's.
  window.history.replaceState(null, '', address);
  return code === null ? { kind: 'error', error: error ?? '' } : { kind: 'code', code };
}
