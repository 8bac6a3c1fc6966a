// All that a frontend reads of a keyspace to draw a product that it does not know: the document, and what it answers.

interface Labelled {
  readonly id: string;
  readonly label: string;
}

interface Told extends Labelled {
  readonly description: string | null;
}

interface ActionText {
  readonly action: string;
  readonly text: string;
}

export interface FieldView {
  readonly id: string;
  readonly label: string;
  readonly description: string | null;
  readonly inCreateForm: boolean;
  readonly inEditForm: boolean;
  readonly kind: string;
  readonly required: boolean;
  readonly default: unknown;
  readonly options: readonly {
    readonly value: string;
    readonly label: string;
    readonly tone: string | null;
    readonly group: string | null;
    readonly description: string | null;
  }[];
  readonly rules: Readonly<Record<string, unknown>>;
  readonly edit: 'IN_PLACE' | 'SUCCESSOR' | 'FORBIDDEN';
  readonly reason: string | null;
}

type Word =
  'submit' | 'save' | 'cancel' | 'noExpiry' | 'customExpiry' | 'neverUsed' | 'unrestricted' | 'restricted' | 'restrict';
type Sentence =
  | 'subtitle'
  | 'reveal'
  | 'disable'
  | 'regenerate'
  | 'retirePreviousSecret'
  | 'revoke'
  | 'delete'
  | 'unrestricted'
  | 'restricted';

export interface KeyspaceView {
  readonly slug: string;
  readonly name: string;
  readonly version: number;
  readonly actions: readonly string[];
  readonly operations: readonly {
    readonly inMenu: boolean;
    readonly action: string;
    readonly label: string;
    readonly description: string | null;
    readonly confirmation: { readonly title: string; readonly text: string; readonly button: string } | null;
    readonly roles: readonly string[];
  }[];
  readonly labels: {
    readonly title: string;
    readonly noun: string;
    readonly create: string;
    readonly statuses: readonly { readonly status: string; readonly label: string }[];
    readonly actions: readonly { readonly action: string; readonly label: string }[];
    readonly empty: string;
    readonly reveal: Readonly<Record<'title' | 'copy' | 'copied' | 'done', string>>;
  } & Readonly<Record<Word, string>>;
  readonly texts: Readonly<Record<Sentence, string>> & {
    readonly secrecy: string | null;
    readonly quickStart: string | null;
    readonly actions: readonly ActionText[];
    readonly success: readonly ActionText[];
    readonly reasons: readonly { readonly reason: string; readonly text: string }[];
    readonly guidance: readonly { readonly title: string; readonly text: string | null }[];
  };
  readonly naming: {
    readonly discouraged: readonly string[];
    readonly advice: string | null;
    readonly examples: readonly string[];
  };
  readonly columns: readonly (Told & { readonly format: string })[];
  readonly fields: readonly FieldView[];
  readonly permissions: {
    readonly model: string;
    readonly freeForm: boolean;
    readonly scopes: readonly (Told & { readonly tone: string | null; readonly group: string | null })[];
    readonly matrix: {
      readonly resources: readonly (Told & { readonly group: string | null })[];
      readonly levels: readonly Told[];
      readonly none: string;
      readonly noneDescription: string | null;
    } | null;
    readonly implications: readonly { readonly scope: string; readonly implies: readonly string[] }[];
    readonly superScopes: readonly string[];
    readonly presets: readonly {
      readonly label: string;
      readonly description: string | null;
      readonly scopes: readonly string[];
    }[];
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
    readonly presets: readonly { readonly days: number; readonly label: string }[];
    readonly custom: boolean;
    readonly defaultDays: number | null;
    readonly maxLifetimeDays: number | null;
    readonly afterToday: boolean;
    readonly timeZone: string;
    readonly bands: readonly {
      readonly upToDays: number | null;
      readonly title: string | null;
      readonly text: string;
    }[];
  } | null;
  readonly rateLimit: {
    readonly min: number;
    readonly max: number;
    readonly default: number | null;
    readonly windowSeconds: number;
  } | null;
  readonly quickStart: readonly { readonly tab: string; readonly title: string; readonly code: string }[];
  readonly types: readonly (Told & {
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
      operations { action label description confirmation { title text button } roles inMenu }
      labels {
        title noun create submit save cancel statuses { status label } actions { action label } empty
        noExpiry customExpiry neverUsed unrestricted restricted restrict
        reveal { title copy copied done }
      }
      texts {
        subtitle reveal secrecy disable regenerate retirePreviousSecret revoke delete unrestricted restricted quickStart
        actions { action text } success { action text } reasons { reason text } guidance { title text }
      }
      naming { discouraged advice examples }
      columns { id label format description }
      fields {
        id label description kind inCreateForm inEditForm required default
        options { value label tone group description }
        rules edit reason
      }
      permissions {
        model freeForm
        scopes { id label tone group description }
        matrix { resources { id label group description } levels { id label description } none noneDescription }
        implications { scope implies }
        superScopes
        presets { label description scopes }
        minimum unrestrictedAllowed
      }
      credential { headers { name bearer } bearer prefixes preview { prefix first last mask keyId } }
      rotation { enabled defaultOverlapSeconds maxOverlapSeconds }
      removal { mode erase revoke reasons }
      expiry {
        required presetDays presets { days label } custom defaultDays maxLifetimeDays afterToday timeZone
        bands { upToDays title text }
      }
      rateLimit { min max default windowSeconds }
      quickStart { tab title code }
      types { id label description public unrestricted scopes originsRequired }
      environments resourceNoun resourceAll
      keyManagement { view change }
      requestLogDays flags timeZone
    }
  }
}`;
