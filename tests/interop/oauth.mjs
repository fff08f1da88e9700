// oauth4webapi: a strict client of OAuth 2 and OpenID Connect; and @solid/access-token-verifier, with which Solid
// servers check the tokens of others.
import assert from "node:assert/strict";
import { createSolidTokenVerifier } from "@solid/access-token-verifier";
import * as oauth from "oauth4webapi";
import { app } from "./lib/app.mjs";
import { check, runAll } from "./lib/checks.mjs";
import { Citizen, only } from "./lib/citizen.mjs";

const [base] = process.argv.slice(2);
const issuer = new URL(base);
const plain = { [oauth.allowInsecureRequests]: true }; // http, on this machine
const citizen = await Citizen.signUp(base);
const section = `${citizen.storage}cv/experience`;
const here = await app("Strenge app");
const keys = await oauth.generateKeyPair("ES256", { extractable: true });

let server, client, secret, tokens, dpop, claims;

/** The client's way to the token endpoint with a fresh code; what came back, checked. */
async function signIn({ client_id }, authentication, changes = {}) {
  const [verifier, state, nonce] = [1, 2, 3].map(() => oauth.generateRandomCodeVerifier());
  const asked = new URL(server.authorization_endpoint);
  asked.search = new URLSearchParams({
    client_id, redirect_uri: here.redirectUrl, response_type: "code", scope: "openid webid offline_access", state,
    nonce, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256", ...changes,
  });
  const back = new URL(await citizen.answer(asked.href, only(["experience"])));
  const answer = oauth.validateAuthResponse(server, { client_id }, back, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server, { client_id }, authentication, answer, here.redirectUrl, verifier, { DPoP: dpop, ...plain });
  const found = await oauth.processAuthorizationCodeResponse(
    server, { client_id }, response, { expectedNonce: nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(server, response, plain);
  return found;
}
const get = (url, token) =>
  oauth.protectedResourceRequest(token, "GET", new URL(url), undefined, undefined, { DPoP: dpop, ...plain });

check("finds the provider, by both names of its metadata", async () => {
  for (const algorithm of ["oidc", "oauth2"]) {
    const response = await oauth.discoveryRequest(issuer, { algorithm, ...plain });
    server = await oauth.processDiscoveryResponse(issuer, response);
  }
  const endpoints = "authorization token registration introspection revocation userinfo end_session";
  for (const each of endpoints.split(" ")) assert.ok(server[`${each}_endpoint`].startsWith(`${base}/`), each);
  assert.ok(server.scopes_supported.includes("webid"));
});

check("finds the provider from a resource", async () => {
  const response = await oauth.resourceDiscoveryRequest(new URL(citizen.storage), plain);
  const found = await oauth.processResourceDiscoveryResponse(new URL(citizen.storage), response);
  assert.deepEqual(found.authorization_servers, [base]);
});

check("registers itself", async () => {
  const response = await oauth.dynamicClientRegistrationRequest(server, {
    client_name: "Strenge app", redirect_uris: [here.redirectUrl], post_logout_redirect_uris: [`${here.origin}/`],
    grant_types: ["authorization_code", "refresh_token"], token_endpoint_auth_method: "client_secret_post",
  }, plain);
  client = await oauth.processDynamicClientRegistrationResponse(response);
  secret = oauth.ClientSecretPost(client.client_secret);
});

check("gets tokens for a code, bound to its key", async () => {
  dpop = oauth.DPoP(client, keys);
  tokens = await signIn(client, secret);
  assert.equal(tokens.token_type, "dpop");
  claims = oauth.getValidatedIdTokenClaims(tokens);
  assert.equal(claims.webid, citizen.webId);
  assert.equal(claims.azp, client.client_id);
  assert.deepEqual(claims.aud.sort(), [client.client_id, "solid"].sort());
  assert.equal(claims.cnf.jkt, await dpop.calculateThumbprint());
});

check("gets tokens with a client id document and no secret", async () => {
  const found = await signIn({ client_id: here.clientId }, oauth.None());
  assert.equal(oauth.getValidatedIdTokenClaims(found).azp, here.clientId);
});

check("reads what was shared, and gets 403 for the rest", async () => {
  assert.equal((await get(section, tokens.access_token)).status, 200);
  assert.equal((await get(`${citizen.storage}cv/education`, tokens.access_token).catch((e) => e)).status, 403);
});

check("is told who signed in", async () => {
  const response = await oauth.userInfoRequest(server, client, tokens.access_token, { DPoP: dpop, ...plain });
  const said = await oauth.processUserInfoResponse(server, client, claims.sub, response);
  assert.equal(said.webid, citizen.webId);
});

check("introspects its token", async () => {
  const response = await oauth.introspectionRequest(server, client, secret, tokens.access_token, plain);
  const said = await oauth.processIntrospectionResponse(server, client, response);
  assert.equal(said.active, true);
  assert.equal(said.client_id, client.client_id);
  assert.equal(said.cnf.jkt, claims.cnf.jkt);
});

check("its token and proof hold for another Solid server", async () => {
  const verify = createSolidTokenVerifier();
  let proof;
  await oauth.protectedResourceRequest(tokens.access_token, "GET", new URL(section), undefined, undefined, {
    DPoP: dpop, ...plain,
    [oauth.customFetch]: (url, options) => {
      proof = options.headers.dpop ?? new Headers(options.headers).get("dpop");
      return fetch(url, options);
    },
  });
  const said = await verify(`DPoP ${tokens.access_token}`, { header: proof, method: "GET", url: section });
  assert.equal(said.webid, citizen.webId);
  assert.equal(said.client_id, client.client_id);
  assert.equal(said.iss, base);
  await assert.rejects(verify(`DPoP ${tokens.access_token}`, { header: proof, method: "GET", url: citizen.storage }));
});

check("refreshes, and is found out when it uses an old refresh token again", async () => {
  const refresh = (token) => oauth.refreshTokenGrantRequest(server, client, secret, token, { DPoP: dpop, ...plain });
  const old = tokens.refresh_token;
  const next = await oauth.processRefreshTokenResponse(server, client, await refresh(old));
  assert.equal((await get(section, next.access_token)).status, 200);
  assert.notEqual(next.refresh_token, old);
  tokens = await oauth.processRefreshTokenResponse(server, client, await refresh(next.refresh_token));
  const again = await oauth.processRefreshTokenResponse(server, client, await refresh(old)).catch((wrong) => wrong);
  assert.equal(again.error, "invalid_grant");
  await assert.rejects(get(section, tokens.access_token), (wrong) => wrong.status === 401);
});

check("revokes its tokens", async () => {
  const found = await signIn(client, secret);
  assert.equal((await get(section, found.access_token)).status, 200);
  const response = await oauth.revocationRequest(server, client, secret, found.refresh_token, plain);
  await oauth.processRevocationResponse(response);
  await assert.rejects(get(section, found.access_token), (wrong) => wrong.status === 401);
});

check("is refused for a wrong verifier, a plain challenge and a strange way back", async () => {
  const wrong = await signIn(client, secret, { code_challenge: "A".repeat(43) }).catch((error) => error);
  assert.equal(wrong.error, "invalid_grant");
  const challenge = await signIn(client, secret, { code_challenge_method: "plain" }).catch((error) => error);
  assert.equal(challenge.error, "invalid_request");
  const strange = await signIn(client, secret, { redirect_uri: "https://elders.example/" }).catch((error) => error);
  assert.match(strange.message, /400/);
});

check("a citizen's own tool gets a token for its credentials", async () => {
  const made = await citizen.tool("Eigen script");
  const tool = { client_id: made.clientId };
  const proofs = oauth.DPoP(tool, keys);
  const response = await oauth.clientCredentialsGrantRequest(
    server, tool, oauth.ClientSecretBasic(made.clientSecret), { scope: "webid" }, { DPoP: proofs, ...plain });
  const found = await oauth.processClientCredentialsResponse(server, tool, response);
  assert.equal((await get(citizen.storage, found.access_token)).status, 200);
});

// An app with a key of its own that pushes its requests: RFC 9126, 9396, 9449 and Grant Management.

const signing = await oauth.generateKeyPair("ES256", { extractable: true });
const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", signing.publicKey);
const careful = await app("Zorgvuldige app", {
  token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [{ kty, crv, x, y, kid: "k1" }] },
  require_pushed_authorization_requests: true,
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
});
const pusher = { client_id: careful.clientId };
const signs = oauth.PrivateKeyJwt({ key: signing.privateKey, kid: "k1" });
const bound = oauth.DPoP(pusher, keys);
const asks = (sections, more = {}) => JSON.stringify([{
  type: "https://w3id.org/werkpod/access", sections, actions: ["read"], duration: "P30D",
  purpose: "https://w3id.org/dpv#ServiceProvision", purpose_text: { nl: "Om te proberen.", en: "To try." }, ...more,
}]);
let granted;

/** Push a request, let the citizen say yes with `choice`, and redeem the code. */
async function pushed(details, changes = {}, choice = []) {
  const [verifier, state] = [1, 2].map(() => oauth.generateRandomCodeVerifier());
  const response = await oauth.pushedAuthorizationRequest(server, pusher, signs, {
    client_id: pusher.client_id, redirect_uri: careful.redirectUrl, response_type: "code",
    scope: "webid offline_access", state, code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256", authorization_details: details, ...changes,
  }, { DPoP: bound, ...plain });
  const { request_uri, expires_in } = await oauth.processPushedAuthorizationResponse(server, pusher, response);
  assert.ok(expires_in >= 5 && expires_in <= 600);
  const asked = new URL(server.authorization_endpoint);
  asked.search = new URLSearchParams({ client_id: pusher.client_id, request_uri });
  const back = new URL(await citizen.answer(asked.href, [["antwoord", "ja"], ...choice]));
  const answer = oauth.validateAuthResponse(server, pusher, back, state);
  const redeemed = await oauth.authorizationCodeGrantRequest(
    server, pusher, signs, answer, careful.redirectUrl, verifier, { DPoP: bound, ...plain });
  return oauth.processAuthorizationCodeResponse(server, pusher, redeemed);
}
const granting = (found) => found.authorization_details[0];

check("pushes what it asks, bound to its key, and is told exactly what it got", async () => {
  granted = await pushed(asks(["experience"], { optional: ["languages"], legal_basis: "https://w3id.org/dpv#Consent" }));
  const detail = granting(granted);
  assert.deepEqual([detail.sections, detail.actions], [["experience"], ["read"]]);
  assert.equal(detail.legal_basis, "https://w3id.org/dpv#Consent");
  assert.ok(granted.grant_id.endsWith(detail.grant));
  const response = await oauth.protectedResourceRequest(
    granted.access_token, "GET", new URL(section), undefined, undefined, { DPoP: bound, ...plain });
  assert.equal(response.status, 200);
});

check("cannot be asked for in an address, since it said that it pushes", async () => {
  const asked = new URL(server.authorization_endpoint);
  asked.search = new URLSearchParams({
    client_id: pusher.client_id, redirect_uri: careful.redirectUrl, response_type: "code", scope: "webid",
    code_challenge: "A".repeat(43), code_challenge_method: "S256",
  });
  assert.equal((await citizen.get(asked.href)).status, 400);
});

check("is refused at the push what is not right, in words of OAuth", async () => {
  const wrong = async (details, changes) => (await pushed(details, changes).catch((error) => error)).error;
  assert.equal(await wrong(asks(["salary"])), "invalid_authorization_details");
  assert.equal(await wrong(asks(["experience"]), { code_challenge_method: "plain" }), "invalid_request");
  assert.equal(await wrong(asks(["experience"]), { grant_management_action: "merge", grant_id: "x" }), "invalid_grant_id");
});

check("asks for more of the same grant, and its older tokens give that too", async () => {
  const before = granted;
  granted = await pushed(asks(["languages"]), { grant_management_action: "merge", grant_id: before.grant_id });
  assert.equal(granted.grant_id, before.grant_id);
  assert.deepEqual(granting(granted).sections.sort(), ["experience", "languages"]);
  assert.equal(granting(granted).version, 2);
  const response = await oauth.refreshTokenGrantRequest(
    server, pusher, signs, before.refresh_token, { DPoP: bound, ...plain });
  const next = await oauth.processRefreshTokenResponse(server, pusher, response);
  assert.deepEqual(granting(next), granting(granted));
  const said = await oauth.processIntrospectionResponse(
    server, pusher, await oauth.introspectionRequest(server, pusher, signs, next.access_token, plain));
  assert.deepEqual(said.authorization_details[0], granting(granted));
});

check("sees the grant with a token for itself, and ends it", async () => {
  const response = await oauth.clientCredentialsGrantRequest(
    server, pusher, signs, { scope: "grant_management_query grant_management_revoke" }, { DPoP: bound, ...plain });
  const own = await oauth.processClientCredentialsResponse(server, pusher, response);
  const at = new URL(`${server.grant_management_endpoint}/${granted.grant_id}`);
  const manage = (method) => oauth.protectedResourceRequest(
    own.access_token, method, at, undefined, undefined, { DPoP: bound, ...plain }).catch((error) => error);
  assert.deepEqual((await (await manage("GET")).json()).authorization_details[0], granting(granted));
  assert.equal((await manage("DELETE")).status, 204);
  assert.equal((await manage("GET")).status, 404);
  const refreshed = await oauth.refreshTokenGrantRequest(
    server, pusher, signs, granted.refresh_token, { DPoP: bound, ...plain });
  const over = await oauth.processRefreshTokenResponse(server, pusher, refreshed).catch((error) => error);
  assert.equal(over.error, "invalid_grant");
});

check("signs the citizen out of the provider", async () => {
  const { id_token } = await signIn(client, secret);
  const asked = new URL(server.end_session_endpoint);
  asked.search = new URLSearchParams({
    id_token_hint: id_token, client_id: client.client_id, post_logout_redirect_uri: `${here.origin}/`, state: "weg",
  });
  const page = await citizen.get(asked.href);
  assert.equal(page.headers.get("location"), `${here.origin}/?state=weg`);
  assert.match((await citizen.get("/regie/instellingen")).headers.get("location"), /\/inloggen/);
});

await runAll();
