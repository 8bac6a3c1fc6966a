// All that a frontend reads of a keyspace to draw a product that it does not know: the document, and what it answers.

interface Labelled {
  readonly id: string;
  readonly label: string;
}

export interface FieldView {
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  readonly required: boolean;
  readonly default: unknown;
  readonly options: readonly {
    readonly value: string;
    readonly label: string;
    readonly tone: string | null;
    readonly group: string | null;
  }[];
  readonly rules: Readonly<Record<string, unknown>>;
  readonly edit: 'IN_PLACE' | 'SUCCESSOR' | 'FORBIDDEN';
  readonly reason: string | null;
}

export interface KeyspaceView {
  readonly slug: string;
  readonly name: string;
  readonly version: number;
  readonly actions: readonly string[];
  readonly operations: readonly {
    readonly inMenu: boolean;
    readonly action: string;
    readonly label: string | null;
    readonly roles: readonly string[];
  }[];
  readonly labels: {
    readonly title: string;
    readonly noun: string;
    readonly create: string;
    readonly statuses: readonly { readonly status: string; readonly label: string }[];
    readonly actions: readonly { readonly action: string; readonly label: string }[];
    readonly empty: string;
  };
  readonly texts: Readonly<Record<'subtitle' | 'reveal' | 'disable' | 'regenerate' | 'revoke' | 'delete', string>>;
  readonly naming: { readonly discouraged: readonly string[]; readonly advice: string | null };
  readonly columns: readonly (Labelled & { readonly format: string })[];
  readonly fields: readonly FieldView[];
  readonly permissions: {
    readonly model: string;
    readonly freeForm: boolean;
    readonly scopes: readonly (Labelled & { readonly tone: string | null; readonly group: string | null })[];
    readonly matrix: {
      readonly resources: readonly (Labelled & { readonly group: string | null })[];
      readonly levels: readonly Labelled[];
      readonly none: string;
    } | null;
    readonly implications: readonly { readonly scope: string; readonly implies: readonly string[] }[];
    readonly superScopes: readonly string[];
    readonly presets: readonly { readonly label: string; readonly scopes: readonly string[] }[];
    readonly minimum: number;
    readonly unrestrictedAllowed: boolean;
  };
  readonly credential: {
    readonly headers: readonly { readonly name: string; readonly bearer: boolean }[];
    readonly bearer: boolean;
    readonly prefixes: readonly string[];
    readonly preview: {
      readonly prefix: boolean;
      readonly first: number;
      readonly last: number;
      readonly mask: string;
      readonly keyId: boolean;
    };
  };
  readonly rotation: {
    readonly enabled: boolean;
    readonly defaultOverlapSeconds: number;
    readonly maxOverlapSeconds: number;
  };
  readonly removal: {
    readonly mode: string;
    readonly erase: boolean;
    readonly revoke: boolean;
    readonly reasons: readonly string[];
  };
  readonly expiry: {
    readonly required: boolean;
    readonly presetDays: readonly number[];
    readonly custom: boolean;
    readonly defaultDays: number | null;
    readonly maxLifetimeDays: number | null;
    readonly afterToday: boolean;
    readonly timeZone: string;
    readonly bands: readonly { readonly upToDays: number | null; readonly text: string }[];
  } | null;
  readonly rateLimit: {
    readonly min: number;
    readonly max: number;
    readonly default: number | null;
    readonly windowSeconds: number;
  } | null;
  readonly quickStart: readonly { readonly tab: string; readonly title: string; readonly code: string }[];
  readonly types: readonly (Labelled & {
    readonly public: boolean;
    readonly unrestricted: string;
    readonly scopes: readonly string[] | null;
    readonly originsRequired: boolean;
  })[];
  readonly environments: readonly string[];
  readonly resourceNoun: string | null;
  readonly resourceAll: string | null;
  readonly keyManagement: { readonly view: string; readonly change: string } | null;
  readonly requestLogDays: number;
  readonly flags: readonly string[];
  readonly timeZone: string;
}

/** Answers a {@link KeyspaceView}. */
export const KEYSPACE = `query ($workspace: String!, $slug: String!) {
  workspace(id: $workspace) {
    keyspace(slug: $slug) {
      slug name version actions
      operations { action label roles inMenu }
      labels { title noun create statuses { status label } actions { action label } empty }
      texts { subtitle reveal disable regenerate revoke delete }
      naming { discouraged advice }
      columns { id label format }
      fields { id label kind required default options { value label tone group } rules edit reason }
      permissions {
        model freeForm
        scopes { id label tone group }
        matrix { resources { id label group } levels { id label } none }
        implications { scope implies }
        superScopes
        presets { label scopes }
        minimum unrestrictedAllowed
      }
      credential { headers { name bearer } bearer prefixes preview { prefix first last mask keyId } }
      rotation { enabled defaultOverlapSeconds maxOverlapSeconds }
      removal { mode erase revoke reasons }
      expiry {
        required presetDays custom defaultDays maxLifetimeDays afterToday timeZone
        bands { upToDays text }
      }
      rateLimit { min max default windowSeconds }
      quickStart { tab title code }
      types { id label public unrestricted scopes originsRequired }
      environments resourceNoun resourceAll
      keyManagement { view change }
      requestLogDays flags timeZone
    }
  }
}`;
