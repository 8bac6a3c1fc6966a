// The place above all pages where a new secret is shown, for the forms that get one: they bring the dialog along, so that
// nothing has to be loaded once there is a secret.
import { createContext, type ReactNode } from 'react';

/** @param onGone takes what is shown out of the page again. */
export type Show = (onGone: () => void) => ReactNode;

export const RevealContext = createContext<((show: Show) => void) | null>(null);
