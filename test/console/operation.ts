// What a request of the page asks the API for.
import type { Route } from 'playwright-core';

export interface Operation {
  readonly operationName?: string;
  readonly variables?: { readonly input?: { readonly commandId?: string } };
}

export const operationOf = (route: Route): Operation => route.request().postDataJSON() as Operation;
