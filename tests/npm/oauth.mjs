// A partner's app by npm `oauth4webapi`, which refuses what the specifications don't allow.
// Prints where the member's browser goes, reads from standard input where it came back, and prints what it got.
// node oauth.mjs ISSUER CLIENT_ID SECRET REDIRECT_URI
import { createInterface } from "node:readline";
import * as oauth from "oauth4webapi";

const [issuer, client_id, secret, redirect] = process.argv.slice(2);
const insecure = { [oauth.allowInsecureRequests]: true };
const client = { client_id };
const shown = oauth.ClientSecretBasic(secret);
const print = (value) => console.log(JSON.stringify(value));

const address = new URL(issuer);
const server = await oauth.processDiscoveryResponse(
  address,
  await oauth.discoveryRequest(address, { algorithm: "oauth2", ...insecure }),
);
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const asked = new URL(server.authorization_endpoint);
asked.search = new URLSearchParams({
  response_type: "code",
  client_id,
  redirect_uri: redirect,
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
});
print({ go: asked });

const { value: location } = await createInterface(process.stdin)[Symbol.asyncIterator]().next();
process.stdin.destroy();
const callback = oauth.validateAuthResponse(server, client, new URL(location), state);
const tokens = await oauth.processAuthorizationCodeResponse(
  server,
  client,
  await oauth.authorizationCodeGrantRequest(server, client, shown, callback, redirect, verifier, insecure),
);
const renewed = await oauth.processRefreshTokenResponse(
  server,
  client,
  await oauth.refreshTokenGrantRequest(server, client, shown, tokens.refresh_token, insecure),
);
const about = async (token) =>
  await oauth.processIntrospectionResponse(
    server,
    client,
    await oauth.introspectionRequest(server, client, shown, token, insecure),
  );
const before = await about(renewed.access_token);
await oauth.processRevocationResponse(
  await oauth.revocationRequest(server, client, shown, renewed.refresh_token, insecure),
);
const after = await about(renewed.access_token);
const own = await oauth.processClientCredentialsResponse(
  server,
  client,
  await oauth.clientCredentialsGrantRequest(server, client, shown, {}, insecure),
);
print({ scope: tokens.scope, before: before.active, after: after.active, own: own.expires_in });
