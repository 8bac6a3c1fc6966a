// Profiles that make no sense, each a change of a sound one, and the path of what is wrong with it.
import type { ProfileInput } from '../../events/keyspaces/profile.ts';

/** Sound, and with something of everything. */
export const SOUND: ProfileInput = {
  slug: 'sound',
  name: 'Sound',
  types: [
    { id: 'private', label: 'Private', prefix: 'so_private' },
    { id: 'public', label: 'Public', prefix: 'so_public', public: true, unrestricted: 'NEVER', originsRequired: true },
  ],
  environments: [
    { id: 'live', label: 'Live' },
    { id: 'test', label: 'Test' },
  ],
  credential: { headers: [{ name: 'X-Sound-Key' }], preview: { first: 4, last: 4 } },
  permissions: {
    scopes: [
      { id: 'a:read', label: 'Read A' },
      { id: 'a:write', label: 'Write A' },
      { id: 'all', label: 'Everything' },
    ],
    implications: [{ scope: 'a:write', implies: ['a:read'] }],
    superScopes: ['all'],
    presets: [{ label: 'Reader', scopes: ['a:read'] }],
    minimum: 1,
  },
  resources: { noun: 'Thing', types: [{ id: 'thing', scope: 'a:read' }] },
  flags: [{ id: 'fast', label: 'Fast' }],
  rateLimit: { min: 1, max: 600, default: 60 },
  expiry: {
    presetDays: [30, 90],
    maxLifetimeDays: 365,
    defaultDays: 90,
    bands: [
      { upToDays: 30, text: 'short' },
      { upToDays: null, text: 'long' },
    ],
  },
  edit: { permissions: { how: 'FORBIDDEN', reason: 'make a new one' } },
  rotation: { defaultOverlapSeconds: 60, maxOverlapSeconds: 600 },
  removal: { reasons: ['Unused'] },
  metadataFields: [{ id: 'purpose', label: 'Purpose' }],
  columns: [{ id: 'metadata.purpose', label: 'Purpose', format: 'text' }],
  errors: { DISABLED: { status: 403, code: 'disabled' } },
};

const permissions = (changes: object) => ({ permissions: { ...SOUND.permissions, ...changes } });
const expiry = (changes: object) => ({ expiry: { ...SOUND.expiry, ...changes } });
const firstType = (changes: object) => ({ types: [{ ...SOUND.types[0], ...changes }, SOUND.types[1]] });
const secondType = (changes: object) => ({ types: [SOUND.types[0], { ...SOUND.types[1], ...changes }] });
const form = (create: readonly string[]) => ({ form: { create: [...create] } });
const NEEDED = ['name', 'type', 'environment', 'scopes', 'origins'];
const matrix = {
  resources: [{ id: 'calls', label: 'Calls' }],
  levels: [
    { id: 'read', label: 'Read' },
    { id: 'write', label: 'Write' },
  ],
};
const asMatrix = (changes: object) =>
  ({
    ...permissions({ model: 'MATRIX', scopes: [], implications: [], superScopes: [], presets: [], matrix, ...changes }),
    resources: { noun: 'Thing' },
  }) as object;

/** What is wrong, what is changed, and the path that must be told. */
export const BAD: readonly (readonly [string, object, string])[] = [
  ['no name', { name: '  ' }, 'name'],
  ['a slug that is a page', { slug: 'keys' }, 'slug'],
  ['a slug in capitals', { slug: 'Sound' }, 'slug'],
  ['an unknown member', { colour: 'red' }, 'colour'],
  ['an unknown member further down', { credential: { preview: { middle: 3 } } }, 'credential.preview.middle'],
  ['a wrong kind of value', { disable: 'yes' }, 'disable'],
  ['no such time zone', { timeZone: 'Mars/Olympus' }, 'timeZone'],
  ['no workspace', { workspaces: [] }, 'workspaces'],
  ['a workspace twice', { workspaces: ['acme', 'acme'] }, 'workspaces.1'],
  ['no type', { types: [] }, 'types'],
  ['a type twice', firstType({ id: 'public' }), 'types.1.id'],
  ['a prefix that is no prefix', firstType({ prefix: 'So-Private' }), 'types.0.prefix'],
  ['a prefix that ends in _', firstType({ prefix: 'so_' }), 'types.0.prefix'],
  ['one prefix for two types', secondType({ prefix: 'so_private' }), 'types.1.prefix'],
  [
    'one prefix for two environments',
    { environments: [SOUND.environments?.[0], { id: 'test', label: 'Test', prefix: 'live' }] },
    'types.0.prefix',
  ],
  ['an environment twice', { environments: [SOUND.environments?.[0], SOUND.environments?.[0]] }, 'environments.1.id'],
  ['a public type that may do everything', secondType({ unrestricted: 'ALWAYS' }), 'types.1.unrestricted'],
  [
    'a type that may do everything where nothing may',
    { ...permissions({ unrestrictedAllowed: false }), ...firstType({ unrestricted: 'ALWAYS' }) },
    'types.0.unrestricted',
  ],
  ['origins that are needed and not allowed', { restrictions: { origins: false } }, 'types.1.originsRequired'],
  ['a type with an unknown scope', firstType({ scopes: ['b:read'] }), 'types.0.scopes.0'],
  ['a type with fewer scopes than a key must have', secondType({ scopes: [] }), 'types.1.scopes'],
  ['a header twice', { credential: { headers: [{ name: 'X-Key' }, { name: 'x-key' }] } }, 'credential.headers.1.name'],
  ['a header of the gateway', { credential: { headers: [{ name: 'X-Forwarded-For' }] } }, 'credential.headers.0.name'],
  ['a header of ours', { credential: { headers: [{ name: 'X-Keyfold-Key-Id' }] } }, 'credential.headers.0.name'],
  [
    'a header that tells the path',
    { credential: { headers: [{ name: 'X-Original-URI' }] } },
    'credential.headers.0.name',
  ],
  ...['Content-Encoding', 'Range', 'Date', 'Set-Cookie', 'Referer', 'Cache-Control', 'HTTP2-Settings', 'Forwarded']
    .concat('Access-Control-Request-Method', 'True-Client-IP', 'X-Client-IP', 'X-Forwarded-Host', 'CF-Connecting-IP')
    .map(
      (name) => [`the header ${name}`, { credential: { headers: [{ name }] } }, 'credential.headers.0.name'] as const,
    ),
  ['a super scope for a restricted type', secondType({ scopes: ['all'], public: false }), 'types.1.scopes.0'],
  [
    'a super scope for a public type',
    secondType({ scopes: ['a:read', 'all'], unrestricted: 'ALLOWED' }),
    'types.1.scopes.1',
  ],
  ['a header that is none', { credential: { headers: [{ name: 'X Key' }] } }, 'credential.headers.0.name'],
  ['no header', { credential: { headers: [] } }, 'credential.headers'],
  ['a preview that shows half of the key', { credential: { preview: { first: 8, last: 8 } } }, 'credential.preview'],
  ['a preview of 20 characters', { credential: { preview: { first: 20 } } }, 'credential.preview.first'],
  [
    'a scope twice',
    permissions({
      scopes: [
        { id: 'a:read', label: 'A' },
        { id: 'a:read', label: 'B' },
      ],
    }),
    'permissions.scopes.1.id',
  ],
  [
    'an implication of an unknown scope',
    permissions({ implications: [{ scope: 'b', implies: ['a:read'] }] }),
    'permissions.implications.0.scope',
  ],
  [
    'an implication that leads to an unknown scope',
    permissions({ implications: [{ scope: 'a:write', implies: ['b'] }] }),
    'permissions.implications.0.implies.0',
  ],
  [
    'an implication of itself',
    permissions({ implications: [{ scope: 'a:read', implies: ['a:read'] }] }),
    'permissions.implications.0.implies',
  ],
  [
    'a cycle of implications',
    permissions({
      implications: [
        { scope: 'a:read', implies: ['a:write'] },
        { scope: 'a:write', implies: ['a:read'] },
      ],
    }),
    'permissions.implications.0.implies',
  ],
  [
    'overlapping implications',
    permissions({
      implications: [
        { scope: 'a:write', implies: ['a:read'] },
        { scope: 'a:write', implies: ['a:read'] },
      ],
    }),
    'permissions.implications.1.scope',
  ],
  [
    'a super scope by implication',
    permissions({ implications: [{ scope: 'a:write', implies: ['all'] }] }),
    'permissions.implications.0.implies',
  ],
  [
    'an empty implication',
    permissions({ implications: [{ scope: 'a:write', implies: [] }] }),
    'permissions.implications.0.implies',
  ],
  ['an unknown super scope', permissions({ superScopes: ['root'] }), 'permissions.superScopes.0'],
  [
    'a preset of unknown scopes',
    permissions({ presets: [{ label: 'P', scopes: ['b'] }] }),
    'permissions.presets.0.scopes.0',
  ],
  [
    'a preset that is too small',
    permissions({ presets: [{ label: 'P', scopes: [] }] }),
    'permissions.presets.0.scopes',
  ],
  [
    'a preset twice',
    permissions({
      presets: [
        { label: 'P', scopes: ['all'] },
        { label: 'P', scopes: ['all'] },
      ],
    }),
    'permissions.presets.1.label',
  ],
  ['more scopes needed than there are', permissions({ minimum: 4 }), 'permissions.minimum'],
  ['a matrix that is missing', permissions({ model: 'MATRIX' }), 'permissions.matrix'],
  ['a matrix in another model', permissions({ matrix }), 'permissions.matrix'],
  ['a matrix with free scopes', asMatrix({ freeForm: true }), 'permissions.freeForm'],
  [
    'a matrix with a level twice',
    asMatrix({ matrix: { ...matrix, levels: [matrix.levels[0], matrix.levels[0]] } }),
    'permissions.matrix.levels.1.id',
  ],
  [
    'a scope of the matrix listed again',
    asMatrix({ scopes: [{ id: 'calls:read', label: 'Again' }] }),
    'permissions.scopes.0.id',
  ],
  [
    'a resource under an unknown scope',
    { resources: { noun: 'Thing', types: [{ id: 'thing', scope: 'b' }] } },
    'resources.types.0.scope',
  ],
  ['a flag twice', { flags: [SOUND.flags?.[0], SOUND.flags?.[0]] }, 'flags.1.id'],
  [
    'managing keys under an unknown scope',
    { managesKeys: { view: 'keys:read', change: 'a:write' } },
    'managesKeys.view',
  ],
  ['a smallest limit above the largest', { rateLimit: { min: 10, max: 5 } }, 'rateLimit.min'],
  ['a default limit out of bounds', { rateLimit: { min: 1, max: 5, default: 6 } }, 'rateLimit.default'],
  ['a preset lifetime that is too long', expiry({ presetDays: [400] }), 'expiry.presetDays.0'],
  ['a default lifetime that is too long', expiry({ defaultDays: 366 }), 'expiry.defaultDays'],
  ['a reminder that comes twice', expiry({ reminders: [30, 7, 30] }), 'expiry.reminders.2'],
  ['a reminder more than a year ahead', expiry({ reminders: [366] }), 'expiry.reminders.0'],
  ['no lifetime to choose', expiry({ custom: false, presetDays: [] }), 'expiry.custom'],
  [
    'bands out of order',
    expiry({
      bands: [
        { upToDays: 90, text: 'a' },
        { upToDays: 30, text: 'b' },
      ],
    }),
    'expiry.bands.1.upToDays',
  ],
  [
    'a band after the last',
    expiry({
      bands: [
        { upToDays: null, text: 'a' },
        { upToDays: 30, text: 'b' },
      ],
    }),
    'expiry.bands.1.upToDays',
  ],
  ['a reason for what is allowed', { edit: { name: { how: 'IN_PLACE', reason: 'no' } } }, 'edit.name.reason'],
  ['edits of a field that there is not', { edit: { colour: { how: 'FORBIDDEN' } } }, 'edit.colour'],
  [
    'edits of resources that keys do not have',
    { resources: null, edit: { resources: { how: 'FORBIDDEN' } } },
    'edit.resources',
  ],
  ['edits of an expiry that keys do not have', { expiry: null, edit: { expiry: { how: 'SUCCESSOR' } } }, 'edit.expiry'],
  [
    'an overlap longer than the longest',
    { rotation: { defaultOverlapSeconds: 601, maxOverlapSeconds: 600 } },
    'rotation.defaultOverlapSeconds',
  ],
  [
    'an overlap where nothing rotates',
    { rotation: { enabled: false, defaultOverlapSeconds: 1 } },
    'rotation.defaultOverlapSeconds',
  ],
  ['a reason that says nothing', { removal: { reasons: ['Unused', ' '] } }, 'removal.reasons.1'],
  ['a reason twice', { removal: { reasons: ['Unused', 'Unused'] } }, 'removal.reasons.1'],
  ['reasons that nobody is asked for', { removal: { revoke: false, reasons: ['Unused'] } }, 'removal.reasons'],
  ['erasing where nothing is deleted', { removal: { mode: 'REVOKE', erase: true } }, 'removal.erase'],
  ['nobody who may view', { roles: { view: [] } }, 'roles.view'],
  ['nobody who may create', { roles: { create: [] } }, 'roles.create'],
  ['nobody who may remove', { roles: { remove: [] } }, 'roles.remove'],
  ['roles that may do what they may not see', { roles: { view: ['admin'] } }, 'roles.create.1'],
  ['a role twice', { roles: { edit: ['admin', 'admin'] } }, 'roles.edit.1'],
  ['a role that there is not', { roles: { edit: ['owner'] } }, 'roles.edit.0'],
  ['an outcome that there is not', { errors: { BROKEN: { status: 403 } } }, 'errors.BROKEN'],
  ['an error map for what is valid', { errors: { VALID: { status: 403 } } }, 'errors.VALID'],
  ['a refusal with status 200', { errors: { DISABLED: { status: 200 } } }, 'errors.DISABLED.status'],
  ['a column that there is not', { columns: [{ id: 'colour', label: 'Colour', format: 'text' }] }, 'columns.0.id'],
  [
    'a column of metadata without a field',
    { columns: [{ id: 'metadata.cost', label: 'Cost', format: 'text' }] },
    'columns.0.id',
  ],
  [
    'a column in a format that there is not',
    { columns: [{ id: 'name', label: 'Name', format: 'bold' }] },
    'columns.0.format',
  ],
  [
    'a column twice',
    {
      columns: [
        { id: 'name', label: 'A', format: 'text' },
        { id: 'name', label: 'B', format: 'text' },
      ],
    },
    'columns.1.id',
  ],
  ['an action in the menu that there is not', { menu: ['DELETE', 'EXPLODE'] }, 'menu.1'],
  ['an action twice in the menu', { menu: ['DELETE', 'DELETE'] }, 'menu.1'],
  ['a switch in the menu that is off', { menu: ['VIEW', 'ENABLE'], disable: false }, 'menu.1'],
  ['a rotation in the menu that is off', { menu: ['REGENERATE'], rotation: { enabled: false } }, 'menu.0'],
  ['deleting in the menu where keys are revoked', { menu: ['DELETE'], removal: { mode: 'REVOKE' } }, 'menu.0'],
  ['revoking in the menu where keys are deleted', { menu: ['REVOKE'], removal: { revoke: false } }, 'menu.0'],
  ['a label for an action that there is not', { labels: { actions: { EXPLODE: 'Boom' } } }, 'labels.actions.EXPLODE'],
  ['a form without the name', form(['type', 'environment', 'scopes', 'origins']), 'form.create'],
  ['a form without the type', form(['name', 'environment', 'scopes', 'origins']), 'form.create'],
  ['a form without the environment', form(['name', 'type', 'scopes', 'origins']), 'form.create'],
  ['a form without scopes where there is a minimum', form(['name', 'type', 'environment', 'origins']), 'form.create'],
  ['a form without origins that a type requires', form(['name', 'type', 'environment', 'scopes']), 'form.create'],
  [
    'a form without the expiry of keys that must end',
    { ...form(NEEDED), ...expiry({ defaultDays: null }) },
    'form.create',
  ],
  ['a form with a field that there is not', form([...NEEDED, 'colour']), 'form.create.5'],
  [
    'a form with a field that keys do not have',
    { ...form([...NEEDED, 'resources']), resources: null },
    'form.create.5',
  ],
  ['a form with metadata that has no name', form([...NEEDED, 'metadata.cost']), 'form.create.5'],
  ['a form with a field twice', form([...NEEDED, 'name']), 'form.create.5'],
  ['a form to edit with a field that there is not', { form: { edit: ['name', 'colour'] } }, 'form.edit.1'],
  ['a form to edit with a field twice', { form: { edit: ['name', 'name'] } }, 'form.edit.1'],
  ['a form of another kind', { form: { delete: ['name'] } }, 'form.delete'],
  ['advice on a field that there is not', { texts: { fields: { colour: 'Red.' } } }, 'texts.fields.colour'],
  ['a text for an action that there is not', { texts: { actions: { EXPLODE: 'Boom.' } } }, 'texts.actions.EXPLODE'],
  ['success of what changes nothing', { texts: { success: { VIEW: 'Seen.' } } }, 'texts.success.VIEW'],
  ['a text for a reason that there is not', { texts: { reasons: { Bored: 'No fun.' } } }, 'texts.reasons.Bored'],
  ['guidance without a heading', { texts: { guidance: [{ text: 'Rotate.' }] } }, 'texts.guidance.0.title'],
  ['guidance twice', { texts: { guidance: [{ title: 'Rotate' }, { title: 'Rotate' }] } }, 'texts.guidance.1.title'],
  [
    'a question before what takes nothing away',
    { labels: { confirmations: { ENABLE: { title: 'Enable?' } } } },
    'labels.confirmations.ENABLE',
  ],
  ['a name for a lifetime that is no preset', { labels: { lifetimes: { 31: 'A month' } } }, 'labels.lifetimes.31'],
  ['words that are no text', { labels: { noExpiry: null } }, 'labels.noExpiry'],
  ['a label of the copy dialog that there is not', { labels: { reveal: { close: 'Close' } } }, 'labels.reveal.close'],
  ['a good name twice', { naming: { examples: ['Web', 'Web'] } }, 'naming.examples.1'],
  ['a good name that is discouraged', { naming: { discouraged: ['Test'], examples: ['test '] } }, 'naming.examples.0'],
  ['a description that is too long', firstType({ description: 'x'.repeat(501) }), 'types.0.description'],
  ['a label for a field that there is not', { labels: { fields: { colour: 'Colour' } } }, 'labels.fields.colour'],
  [
    'a field of metadata twice',
    {
      metadataFields: [
        { id: 'purpose', label: 'A' },
        { id: 'purpose', label: 'B' },
      ],
    },
    'metadataFields.1.id',
  ],
];
