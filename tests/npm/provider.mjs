// A real OpenID provider, whose keys are new with every start; people say by themselves who they are.
// Prints {"ready": true} as a JSON line when it listens.
// node provider.mjs PORT CLIENT_METADATA
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const [port, metadata] = process.argv.slice(2);
const client = JSON.parse(metadata);

const alg = client.id_token_signed_response_alg;
const { privateKey } =
  alg === "RS256"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client],
  clientAuthMethods: [client.token_endpoint_auth_method],
  cookies: { keys: [crypto.randomUUID()] },
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg, use: "sig" }] },
  pkce: { required: () => true },
});

provider.listen(Number(port), "127.0.0.1", () => console.log(JSON.stringify({ ready: true })));
