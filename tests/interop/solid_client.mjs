// @inrupt/solid-client with @inrupt/solid-client-authn-node: sign in, then everything a client does in a pod.
import assert from "node:assert/strict";
import * as solid from "@inrupt/solid-client";
import { Session } from "@inrupt/solid-client-authn-node";
import { check, refusal, runAll } from "./lib/checks.mjs";
import { Citizen } from "./lib/citizen.mjs";

const [base] = process.argv.slice(2);
const NAME = "http://xmlns.com/foaf/0.1/name";
const citizen = await Citizen.signUp(base);
const other = await Citizen.signUp(base);
const session = new Session({ keepAlive: false });
const others = new Session({ keepAlive: false });
const fetch = session.fetch;
const root = citizen.storage;

check("signs in with client credentials", async () => {
  await session.login({ oidcIssuer: base, ...(await citizen.tool("Mijn script")) });
  await others.login({ oidcIssuer: base, ...(await other.tool("Haar script")) });
  assert.equal(session.info.isLoggedIn, true);
  assert.equal(session.info.webId, citizen.webId);
});

check("finds the storage by the profile", async () => {
  assert.deepEqual(await solid.getPodUrlAll(citizen.webId), [root]);
});

check("finds profiles and what they name", async () => {
  const { webIdProfile } = await solid.getProfileAll(citizen.webId, { fetch });
  const me = solid.getThing(webIdProfile, citizen.webId);
  assert.equal(solid.getUrl(me, "http://www.w3.org/ns/solid/terms#oidcIssuer"), base);
});

check("creates, reads, changes and deletes a dataset", async () => {
  const url = `${root}notities/vandaag`;
  const note = solid.buildThing(solid.createThing({ name: "it" })).addStringNoLocale(NAME, "Vandaag").build();
  await solid.saveSolidDatasetAt(url, solid.setThing(solid.createSolidDataset(), note), { fetch });
  let dataset = await solid.getSolidDataset(url, { fetch });
  let thing = solid.getThing(dataset, `${url}#it`);
  assert.equal(solid.getStringNoLocale(thing, NAME), "Vandaag");
  thing = solid.buildThing(thing).setStringNoLocale(NAME, "Morgen").addInteger("http://schema.org/position", 2).build();
  await solid.saveSolidDatasetAt(url, solid.setThing(dataset, thing), { fetch });
  dataset = await solid.getSolidDataset(url, { fetch });
  thing = solid.getThing(dataset, `${url}#it`);
  assert.equal(solid.getStringNoLocale(thing, NAME), "Morgen");
  assert.equal(solid.getInteger(thing, "http://schema.org/position"), 2);
  await solid.saveSolidDatasetAt(url, solid.removeThing(dataset, thing), { fetch });
  dataset = await solid.getSolidDataset(url, { fetch });
  assert.equal(solid.getThing(dataset, `${url}#it`), null);
  await solid.deleteSolidDataset(dataset, { fetch });
  assert.equal(await refusal(solid.getSolidDataset(url, { fetch })), 404);
});

check("refuses a dataset whose other version was read", async () => {
  const url = `${root}notities/wedloop`;
  const thing = (name) => solid.buildThing({ url: `${url}#it` }).setStringNoLocale(NAME, name).build();
  const first = solid.setThing(solid.createSolidDataset(), thing("een"));
  await solid.saveSolidDatasetAt(url, first, { fetch });
  assert.equal(await refusal(solid.saveSolidDatasetAt(url, first, { fetch })), 412);
});

check("saves a dataset in a container under a name of the server", async () => {
  const thing = solid.buildThing({ name: "it" }).addStringNoLocale(NAME, "Post").build();
  const saved = await solid.saveSolidDatasetInContainer(
    `${root}notities/`, solid.setThing(solid.createSolidDataset(), thing), { fetch, slugSuggestion: "brief" });
  assert.ok(solid.getSourceUrl(saved).startsWith(`${root}notities/`));
  const read = await solid.getSolidDataset(solid.getSourceUrl(saved), { fetch });
  assert.equal(solid.getThingAll(read).length, 1);
});

check("writes, reads, overwrites and deletes a file", async () => {
  const url = `${root}foto/ik.png`;
  const bytes = Buffer.from("89504e470d0a1a0a00ff", "hex");
  await solid.overwriteFile(url, new Blob([bytes], { type: "image/png" }), { fetch, contentType: "image/png" });
  const file = await solid.getFile(url, { fetch });
  assert.equal(solid.getContentType(file), "image/png");
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), bytes);
  await solid.overwriteFile(url, new Blob(["anders"], { type: "text/plain" }), { fetch, contentType: "text/plain" });
  assert.equal(await (await solid.getFile(url, { fetch })).text(), "anders");
  await solid.deleteFile(url, { fetch });
  assert.equal(await refusal(solid.getFile(url, { fetch })), 404);
});

check("saves a file in a container", async () => {
  const blob = new Blob(["tekst"], { type: "text/plain" });
  const saved = await solid.saveFileInContainer(`${root}notities/`, blob, { fetch, slug: "plat.txt" });
  assert.equal(solid.getSourceUrl(saved), `${root}notities/plat.txt`);
});

check("creates, lists and deletes a container", async () => {
  const made = await solid.createContainerAt(`${root}map/leeg/`, { fetch });
  assert.ok(solid.isContainer(made));
  const inside = await solid.createContainerInContainer(`${root}map/`, { fetch, slugSuggestion: "tweede" });
  const url = solid.getSourceUrl(inside);
  const listed = solid.getContainedResourceUrlAll(await solid.getSolidDataset(`${root}map/`, { fetch }));
  assert.deepEqual(listed.sort(), [`${root}map/leeg/`, url].sort());
  await solid.deleteContainer(`${root}map/leeg/`, { fetch });
  assert.equal(await refusal(solid.deleteContainer(`${root}map/`, { fetch })), 409);
  await solid.deleteContainer(url, { fetch });
  await solid.deleteContainer(`${root}map/`, { fetch });
});

check("gives another person access, and takes it back", async () => {
  const url = `${root}notities/plat.txt`;
  const { universalAccess } = solid;
  assert.equal(await refusal(solid.getFile(url, { fetch: others.fetch })), 403);
  const given = await universalAccess.setAgentAccess(url, other.webId, { read: true }, { fetch });
  assert.equal(given?.read, true);
  assert.equal(await (await solid.getFile(url, { fetch: others.fetch })).text(), "tekst");
  const agents = await universalAccess.getAgentAccessAll(url, { fetch });
  assert.deepEqual(Object.keys(agents).sort(), [citizen.webId, other.webId].sort());
  await universalAccess.setAgentAccess(url, other.webId, { read: false }, { fetch });
  assert.equal(await refusal(solid.getFile(url, { fetch: others.fetch })), 403);
});

check("makes a file public, and private again", async () => {
  const url = `${root}notities/plat.txt`;
  await solid.universalAccess.setPublicAccess(url, { read: true }, { fetch });
  assert.equal(await (await solid.getFile(url)).text(), "tekst");
  assert.equal((await solid.universalAccess.getPublicAccess(url, { fetch })).read, true);
  await solid.universalAccess.setPublicAccess(url, { read: false }, { fetch });
  assert.equal(await refusal(solid.getFile(url)), 401);
});

check("reads, makes and removes an ACL", async () => {
  const url = `${root}notities/`;
  const read = () => solid.getSolidDatasetWithAcl(url, { fetch });
  let container = await read();
  assert.equal(solid.hasResourceAcl(container), false);
  assert.equal(solid.hasFallbackAcl(container), true);
  let acl = solid.createAclFromFallbackAcl(container);
  acl = solid.setAgentDefaultAccess(acl, other.webId, { read: true, append: false, write: false, control: false });
  await solid.saveAclFor(container, acl, { fetch });
  assert.equal(solid.getThingAll(await solid.getSolidDataset(`${url}brief`, { fetch: others.fetch })).length, 1);
  container = await read();
  assert.equal(solid.hasResourceAcl(container), true);
  assert.equal(solid.getAgentDefaultAccess(solid.getResourceAcl(container), other.webId).read, true);
  await solid.deleteAclFor(container, { fetch });
  assert.equal(await refusal(solid.getFile(`${url}brief`, { fetch: others.fetch })), 403);
});

check("knows from the answer who may do what", async () => {
  const file = await solid.getFile(`${root}notities/plat.txt`, { fetch });
  assert.deepEqual(solid.getEffectiveAccess(file), {
    user: { read: true, append: true, write: true },
    public: { read: false, append: false, write: false },
  });
});

check("writes a profile and keeps what the server needs of it", async () => {
  const document = citizen.webId.split("#")[0];
  const save = async (change) => {
    const dataset = await solid.getSolidDataset(document, { fetch });
    const me = change(solid.buildThing(solid.getThing(dataset, citizen.webId))).build();
    return solid.saveSolidDatasetAt(document, solid.setThing(dataset, me), { fetch });
  };
  await save((me) => me.setStringNoLocale(NAME, "Mila"));
  const dataset = await solid.getSolidDataset(document);
  assert.equal(solid.getStringNoLocale(solid.getThing(dataset, citizen.webId), NAME), "Mila");
  const issuer = "http://www.w3.org/ns/solid/terms#oidcIssuer";
  assert.equal(await refusal(save((me) => me.setUrl(issuer, "https://elders.example/"))), 409);
});

await runAll();
