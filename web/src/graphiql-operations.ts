/** What GraphiQL opens with: a log-in, and operations that show what the API is for. */

export interface Tab {
  query: string;
  variables: string;
  headers?: string;
}

/** What everybody logs in with on the demo. */
export interface DemoLogIn {
  portal: string;
  loginId: string;
  password: string;
}

/** A session of the demo, places of its member, and what time it is on the server. */
export interface DemoSession {
  token: string;
  ids: string[];
  now: Date;
}

const typed = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** A tab of its own: GraphiQL sends all variables of a tab with each of its operations. */
export const logIn = (input: DemoLogIn = { portal: "", loginId: "", password: "" }): Tab => ({
  query: `mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    session { accessToken expiresAt }
    challenge { __typename }
    userErrors { code message field }
  }
}
`,
  variables: typed({ input }),
});

const start = `# Put the token that LogIn answers into Headers below,
# and ids that Home answers into Variables.

`;

const startOnDemo = `# You are logged in as the demo's member: Headers has the token.
# Run an operation with the button, or Ctrl+Enter.

`;

const operations = `query Home {
  viewer {
    facilities(first: 5) {
      totalCount
      nodes {
        id
        name
        latestReading { startAt kwh quality revision }
      }
    }
  }
}

subscription Live($ids: [ID!]!) {
  readings(facilityIds: $ids) {
    reading { facilityId startAt kwh quality revision }
    cursor
    state
  }
}

query Month($id: ID!, $from: DateTime!, $to: DateTime!) {
  facility(id: $id) {
    usage(from: $from, to: $to, resolution: DAY) {
      totalKwh
      totalYen
      points { startAt kwh yen quality }
    }
  }
}

query Bills($id: ID!) {
  facility(id: $id) {
    bills(first: 3) {
      nodes { number periodStartOn periodEndOn }
    }
  }
}
`;

/** The month that it is in Tokyo. */
function month(now: Date): { from: string; to: string } {
  const there = new Date(now.getTime() + 9 * 3_600_000);
  const first = (month: number) =>
    `${new Date(Date.UTC(there.getUTCFullYear(), month)).toISOString().slice(0, 10)}T00:00:00+09:00`;
  return { from: first(there.getUTCMonth()), to: first(there.getUTCMonth() + 1) };
}

export const readings = (session?: DemoSession): Tab => ({
  query: (session ? startOnDemo : start) + operations,
  variables: typed({
    ids: session?.ids ?? [],
    id: session?.ids[0] ?? "",
    ...month(session?.now ?? new Date()),
  }),
  headers: session
    ? typed({ Authorization: `Bearer ${session.token}` })
    : `{
  // "Authorization": "Bearer <accessToken>"
}
`,
});
