// The GraphQL documents of the commands. A test validates each against the schema.

const KEY = `
fragment Key on ApiKey {
  keyId workspaceId keyspace { slug version } version name description owner { id email } tags metadata type environment
  preview status quarantined scopes unrestricted resources { all ids } flags origins ipRanges rateLimit { limit windowSeconds }
  createdAt createdBy { kind id } expiresAt lastRotatedAt predecessor { keyId } previousSecret { retiresAt }
  revocation { reason note at } actions
}`;

const ERRORS = `
... on Error { code message path }
... on InvalidInput { issues { path message } }
... on InvalidState { status }
... on VersionConflict { expected actual }
... on OutcomeUnknown { commandId }
... on Unavailable { retryAfterSeconds }`;

const ENFORCEMENT = 'enforcement { confirmed total confirmedAt verifiers { id position confirmedAt } }';

/** What the payload of a mutation has besides key, position and warnings. */
export interface Shows {
  readonly secret?: boolean;
  readonly predecessor?: boolean;
}

/** The document of a key mutation. */
export function keyMutation(name: string, shows: Shows): string {
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  const extra = [shows.secret ? 'secret' : '', shows.predecessor ? 'predecessor { keyId }' : ''].join(' ');
  return `mutation ($input: ${title}Input!) {
  result: ${name}(input: $input) {
    __typename
    ... on ${title}Payload { key { ...Key } position warnings { code message } ${ENFORCEMENT} ${extra} }
    ... on SecretAlreadyRevealed { key { ...Key } position }
    ${ERRORS}
  }
}
${KEY}`;
}

export const FORGET_OWNER = `mutation ($input: ForgetOwnerInput!) {
  result: forgetOwner(input: $input) {
    __typename
    ... on ForgetOwnerPayload {
      keyIds remaining commandId position warnings { code message } ${ENFORCEMENT}
      results { __typename ... on ForgetKeyPayload { position } ${ERRORS} }
    }
    ${ERRORS}
  }
}`;

export const LIST_KEYS = `query ($workspace: String!, $first: Int, $after: String, $filter: KeyFilter, $orderBy: KeyOrder, $asOf: DateTime, $atLeast: Position) {
  workspace(id: $workspace) {
    keys(first: $first, after: $after, filter: $filter, orderBy: $orderBy, asOf: $asOf, atLeast: $atLeast) {
      totalCount pageInfo { hasNextPage endCursor } nodes { ...Key }
    }
  }
}
${KEY}`;

export const SHOW_KEY = `query ($id: ID!, $asOf: DateTime, $atLeast: Position) {
  key(id: $id, asOf: $asOf, atLeast: $atLeast) { ...Key }
}
${KEY}`;

export const ACCESS_REVIEW = `query ($workspace: String!, $from: DateTime!, $to: DateTime!, $first: Int, $after: String) {
  workspace(id: $workspace) {
    accessReview(from: $from, to: $to, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      rows {
        key { keyId name preview keyspace { slug } lastUsedAt }
        before { ...Access } after { ...Access }
        changeCount changes { id type time actor { kind id } commandId data position }
      }
    }
  }
}
fragment Access on ApiKey {
  version name owner { id email } status scopes unrestricted resources { all ids } flags origins ipRanges
  rateLimit { limit windowSeconds } expiresAt
}`;

export const KEY_HISTORY = `query ($id: ID!, $first: Int, $after: String, $atLeast: Position) {
  key(id: $id, atLeast: $atLeast) {
    keyId
    history(first: $first, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { id type version time actor { kind id } commandId requestId ip userAgent data position hash }
    }
  }
}`;

export const LIST_KEYSPACES = `query { keyspaces { slug name version types { id label } permissions { model } actions } }`;
export const SHOW_KEYSPACE = `query { keyspaces { slug version source } }`;

export const DEFINE_KEYSPACE = `mutation ($input: DefineKeyspaceInput!) {
  result: defineKeyspace(input: $input) {
    __typename
    ... on DefineKeyspacePayload {
      keyspace { slug version } diff { changes { path before after } effects { kind path message } }
      problems { path message } warnings { code message } position ${ENFORCEMENT}
    }
    ${ERRORS}
  }
}`;

export const PROJECTION_STATUS = `query {
  health {
    projections { name lag generation rebuild { progress } parked { aggregateId position reason time } }
    verifiers { id asOf position leaseUntil }
  }
}`;

export const REBUILD = `mutation ($input: RebuildProjectionsInput!) {
  result: rebuildProjections(input: $input) { __typename ... on RebuildProjectionsPayload { generation position } ${ERRORS} }
}`;

export const RETRY_PARKED = `mutation ($input: RetryParkedInput!) {
  result: retryParked(input: $input) {
    __typename
    ... on RetryParkedPayload { position parked { aggregateId position reason time } }
    ${ERRORS}
  }
}`;

export const DISCARD_RECORD = `mutation ($input: DiscardRecordInput!) {
  result: discardRecord(input: $input) { __typename ... on DiscardRecordPayload { key { keyId } position } ${ERRORS} }
}`;

export const AUDIT_REQUESTS = `query ($workspace: String!, $first: Int, $after: String, $filter: RequestFilter) {
  workspace(id: $workspace) {
    requests(first: $first, after: $after, filter: $filter) {
      pageInfo { hasNextPage endCursor }
      nodes { requestId time code recomputed key { keyId } keyVersion keyspaceVersion }
    }
  }
}`;

export const FOLLOW_FROM = `query ($workspace: String!) { workspace(id: $workspace) { position } }`;

export const FOLLOW_EVENTS = `subscription ($workspace: String!, $after: Position, $types: [KeyEventType!]) {
  keyEvents(workspaceId: $workspace, after: $after, types: $types) {
    id type subject version time actor { kind id } commandId requestId keyspaceVersion ip userAgent data hash prev
  }
}`;
