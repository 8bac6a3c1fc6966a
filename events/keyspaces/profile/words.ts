// Words that came after profiles did: all optional, and absent from events that do not name them. What a page says where
// one is absent is here, and in JSON Schema as its default; `wordsOf` (../words.ts) puts it in when a profile is read.
import { z } from 'zod';
import * as fields from '../../fields.ts';
import { CONFIRMED_ACTIONS, FIELD_IDS, LABELLED_ACTIONS, METADATA_ENTRY, named, TOLD_ACTIONS } from './names.ts';
import { copy, label } from './text.ts';

/** Labels, by the member of `labels` that replaces them. */
export const DEFAULT_LABELS = {
  noExpiry: 'Never',
  neverUsed: 'Never',
  customExpiry: 'Custom date',
  unrestricted: 'Unrestricted',
  restricted: 'Restricted',
  restrict: 'Restrict key',
  save: 'Save',
  cancel: 'Cancel',
} as const;

/** Labels of the dialog that shows a new secret, by the member of `labels.reveal` that replaces them. */
export const DEFAULT_REVEAL = { title: 'Copy the key', copy: 'Copy', copied: 'Copied', done: 'Done' } as const;

/** Sentences, by the member of `texts` that replaces them. */
export const DEFAULT_TEXTS = {
  retirePreviousSecret: 'The old secret stops working at once. Whatever still uses it is refused.',
  unrestricted: 'The key may do everything.',
  restricted: 'The key may do only what is chosen for it.',
} as const;

const word = (name: keyof typeof DEFAULT_LABELS, description: string) =>
  label.optional().meta({ description, default: DEFAULT_LABELS[name] });
const revealed = (name: keyof typeof DEFAULT_REVEAL, description: string) =>
  label.optional().meta({ description, default: DEFAULT_REVEAL[name] });
const text = (name: keyof typeof DEFAULT_TEXTS, description: string) =>
  copy.optional().meta({ description, default: DEFAULT_TEXTS[name] });

/** Members of `labels`. */
export const words = {
  noExpiry: word('noExpiry', 'Stands for the end of a key that has none.'),
  neverUsed: word('neverUsed', 'Stands for the last use of a key that was never used.'),
  customExpiry: word('customExpiry', 'What choosing any other day of expiry is called.'),
  lifetimes: z
    .record(fields.text(5), label)
    .optional()
    .meta({
      description: 'Entry of expiry.presetDays → what it is called; the rest are so many days, or years.',
      examples: [{ 30: '1 month' }],
    }),
  unrestricted: word('unrestricted', 'What a key that may do everything is called.'),
  restricted: word('restricted', 'What a key that may not do everything is called.'),
  restrict: word('restrict', 'The choice in a form not to let a key do everything.'),
  save: word('save', 'The button below an edit.'),
  cancel: word('cancel', 'The button that leaves a form or a question as if it had not been opened.'),
  reveal: z
    .strictObject({
      title: revealed('title', 'Heading of the dialog.'),
      copy: revealed('copy', 'The button that copies the key.'),
      copied: revealed('copied', 'The same button once the key was copied.'),
      done: revealed('done', 'The button that closes the dialog.'),
    })
    .optional()
    .describe('The dialog that shows a new secret once.'),
  confirmations: z
    .partialRecord(
      z.enum(CONFIRMED_ACTIONS),
      z.strictObject({
        title: label
          .optional()
          .meta({ description: 'Heading of the question; absent: made of the action’s label.', examples: ['Delete?'] }),
        button: label
          .optional()
          .meta({ description: 'The button that does it; absent: the action’s label.', examples: ['Delete'] }),
      }),
    )
    .optional()
    .meta({
      description: 'Action → heading and button of the question before it; the question itself is one of texts.',
      examples: [{ DELETE: { title: 'Delete API key?', button: 'Delete' } }],
    }),
};

/** Members of `texts`. */
export const sentences = {
  retirePreviousSecret: text('retirePreviousSecret', 'Before an old secret is retired.'),
  unrestricted: text('unrestricted', 'What it means that a key may do everything.'),
  restricted: text('restricted', 'What it means that a key may not do everything.'),
  secrecy: copy.optional().meta({
    description: 'How to keep a secret: a warning beside a new one.',
    examples: ['Treat the secret like a password.'],
  }),
  quickStart: copy.optional().meta({
    description: 'Above the examples of quickStart: how a key is sent.',
    examples: ['Include the key in every request, in the header X-API-Key.'],
  }),
  actions: z
    .partialRecord(z.enum(LABELLED_ACTIONS), fields.text(500))
    .optional()
    .meta({
      description: 'Action → what it does, beside its button.',
      examples: [{ REVOKE: 'Immediately disable the key.' }],
    }),
  success: z
    .partialRecord(z.enum(TOLD_ACTIONS), fields.text(500))
    .optional()
    .meta({
      description: 'Action → what is told once it is done; the rest are made of labels.noun.',
      examples: [{ DISABLE: 'API key deactivated.' }],
    }),
  fields: z
    .record(named(fields.text(40), [...FIELD_IDS, METADATA_ENTRY]), fields.text(500))
    .optional()
    .meta({
      description: `Field of a form → advice beside it: ${FIELD_IDS.join(', ')}, or metadata.x.`,
      examples: [{ scopes: 'Pick the minimum set required by the integration.' }],
    }),
  reasons: z
    .record(label, fields.text(500))
    .optional()
    .meta({
      description: 'Entry of removal.reasons → when to choose it.',
      examples: [{ Compromised: 'suspected security breach' }],
    }),
  guidance: z
    .array(
      z.strictObject({
        title: label.meta({ description: 'Its heading.', examples: ['Use descriptive names'] }),
        text: copy.optional().meta({
          description: 'The advice; lines stay lines. Absent: the heading says it.',
          examples: ['Name keys according to their use.'],
        }),
      }),
    )
    .max(30)
    .optional()
    .describe('Advice on keys at large, such as good practice, in the order in which it is read.'),
};
