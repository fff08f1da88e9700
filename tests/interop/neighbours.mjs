// A Community Solid Server beside ours: people of each have an identity there, a pod there, and business at the other.
import assert from "node:assert/strict";
import * as solid from "@inrupt/solid-client";
import { Session } from "@inrupt/solid-client-authn-node";
import { check, refusal, runAll } from "./lib/checks.mjs";
import { Citizen } from "./lib/citizen.mjs";

const [base, elsewhere, granted] = process.argv.slice(2);
const NAME = "http://xmlns.com/foaf/0.1/name";

/** One call of the other server's account API; what it answers. */
async function account(url, token, body) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `CSS-Account-Token ${token}`;
  const response = await fetch(url, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  const answer = await response.text();
  assert.ok(response.ok, `${url}: ${response.status} ${answer}`);
  return JSON.parse(answer);
}

/** Somebody who lives at the other server: `{ webId, storage, session }`. */
async function neighbour(name) {
  const { controls } = await account(`${elsewhere}.account/`);
  const { authorization } = await account(controls.account.create, undefined, {});
  const { password, account: mine } = (await account(`${elsewhere}.account/`, authorization)).controls;
  await account(password.create, authorization, { email: `${name}@buren.example`, password: "vier losse woorden samen" });
  const { pod, webId } = await account(mine.pod, authorization, { name });
  const made = await account(mine.clientCredentials, authorization, { name: "script", webId });
  const session = new Session({ keepAlive: false });
  await session.login({ oidcIssuer: elsewhere, clientId: made.id, clientSecret: made.secret });
  assert.equal(session.info.webId, webId);
  return { webId, storage: pod, session };
}

const citizen = await Citizen.signUp(base);
const ours = new Session({ keepAlive: false });
await ours.login({ oidcIssuer: base, ...(await citizen.tool("Mijn script")) });
const dora = await neighbour("dora");
const [hers, mine] = [dora.session.fetch, ours.fetch];
const jobs = `${citizen.storage}cv/experience`;
const { universalAccess } = solid;

check("a neighbour is known, and has nothing here that was not given", async () => {
  assert.equal((await fetch(jobs)).status, 401);
  for (const path of ["cv/experience", "", "inbox/", "cv/experience.acl"]) {
    assert.equal((await hers(`${citizen.storage}${path}`)).status, 403, path);
  }
});

check("a neighbour reads what access rules give her, and nothing beside it", async () => {
  await universalAccess.setAgentAccess(jobs, dora.webId, { read: true }, { fetch: mine });
  const dataset = await solid.getSolidDataset(jobs, { fetch: hers });
  assert.deepEqual(solid.getEffectiveAccess(dataset).user, { read: true, append: false, write: false });
  assert.equal((await hers(`${citizen.storage}cv/education`)).status, 403);
  assert.equal((await hers(jobs, { method: "PUT", headers: { "Content-Type": "text/turtle" }, body: "" })).status, 403);
});

check("a neighbour writes where access rules say so", async () => {
  const url = `${citizen.storage}samen/lijst`;
  const thing = solid.buildThing({ url: `${url}#it` }).addStringNoLocale(NAME, "van ons").build();
  await solid.saveSolidDatasetAt(url, solid.setThing(solid.createSolidDataset(), thing), { fetch: mine });
  await universalAccess.setAgentAccess(url, dora.webId, { read: true, write: true }, { fetch: mine });
  const dataset = await solid.getSolidDataset(url, { fetch: hers });
  const changed = solid.buildThing(solid.getThing(dataset, `${url}#it`)).setStringNoLocale(NAME, "van haar").build();
  await solid.saveSolidDatasetAt(url, solid.setThing(dataset, changed), { fetch: hers });
  const after = await solid.getSolidDataset(url, { fetch: mine });
  assert.equal(solid.getStringNoLocale(solid.getThing(after, `${url}#it`), NAME), "van haar");
});

check("a neighbour writes to the inbox and cannot read it", async () => {
  const note = { "@context": "https://www.w3.org/ns/activitystreams", type: "Note", content: "Dag!" };
  const sent = await hers(`${citizen.storage}inbox/`, {
    method: "POST", headers: { "Content-Type": "application/ld+json" }, body: JSON.stringify(note),
  });
  assert.equal(sent.status, 201);
  assert.equal((await hers(sent.headers.get("Location"))).status, 403);
});

check("a neighbour loses at once what is taken back", async () => {
  await universalAccess.setAgentAccess(jobs, dora.webId, { read: false }, { fetch: mine });
  assert.equal((await hers(jobs)).status, 403);
});

check("the citizen sees in the log what the neighbour read", async () => {
  const page = await (await citizen.get("/regie/delen/logboek")).text();
  assert.ok(page.includes(dora.webId), page.slice(page.indexOf("<main")));
});

check("a neighbour reads the section that a grant gives her, and nothing beside it", async () => {
  const dataset = await solid.getSolidDataset(`${granted}cv/experience`, { fetch: hers });
  assert.deepEqual(solid.getEffectiveAccess(dataset).user, { read: true, append: false, write: false });
  for (const path of ["cv/education", "cv/", ""]) assert.equal((await hers(`${granted}${path}`)).status, 403, path);
  assert.equal((await mine(`${granted}cv/experience`)).status, 403);
});

check("a neighbour whose own profile stops naming her server is nobody", async () => {
  const other = await neighbour("elske");
  await universalAccess.setAgentAccess(jobs, other.webId, { read: true }, { fetch: mine });
  const document = other.webId.split("#")[0];
  await other.session.fetch(document, {
    method: "PUT", headers: { "Content-Type": "text/turtle" },
    body: "<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <https://elders.example/> .",
  });
  assert.equal((await other.session.fetch(jobs)).status, 401);
});

check("a citizen is known there, and reads what is given", async () => {
  const url = `${dora.storage}prive/brief`;
  const thing = solid.buildThing({ url: `${url}#it` }).addStringNoLocale(NAME, "aan jou").build();
  await solid.saveSolidDatasetAt(url, solid.setThing(solid.createSolidDataset(), thing), { fetch: hers });
  assert.equal(await refusal(solid.getSolidDataset(url, { fetch: mine })), 403);
  await universalAccess.setAgentAccess(url, citizen.webId, { read: true }, { fetch: hers });
  const dataset = await solid.getSolidDataset(url, { fetch: mine });
  assert.equal(solid.getStringNoLocale(solid.getThing(dataset, `${url}#it`), NAME), "aan jou");
});

check("a citizen writes there where it is allowed", async () => {
  const url = `${dora.storage}prive/antwoord.txt`;
  await solid.overwriteFile(url, new Blob(["?"]), { fetch: hers, contentType: "text/plain" });
  await universalAccess.setAgentAccess(url, citizen.webId, { read: true, write: true }, { fetch: hers });
  await solid.overwriteFile(url, new Blob(["dank"]), { fetch: mine, contentType: "text/plain" });
  assert.equal(await (await solid.getFile(url, { fetch: hers })).text(), "dank");
});

await runAll();
