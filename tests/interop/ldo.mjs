// @ldo: RDF as typed objects of the app's own shape. Here a profile, and a job in the CV.
import assert from "node:assert/strict";
import { Session } from "@inrupt/solid-client-authn-node";
import { changeData, commitData } from "@ldo/connected";
import { createSolidLdoDataset, getStorageFromWebId } from "@ldo/connected-solid";
import { check, runAll } from "./lib/checks.mjs";
import { Citizen } from "./lib/citizen.mjs";

const [base] = process.argv.slice(2);
const citizen = await Citizen.signUp(base);
const session = new Session({ keepAlive: false });
await session.login({ oidcIssuer: base, ...(await citizen.tool("ldo")) });

const XSD = "http://www.w3.org/2001/XMLSchema#";
const text = (iri, datatype = "string") => ({ "@id": iri, "@type": XSD + datatype });
const shape = (name, iri, members) => ({
  schema: { type: "Schema", shapes: [] },
  shape: `https://app.example/shapes#${name}`,
  context: { type: { "@id": "@type", "@isCollection": true }, [name]: iri, ...members },
});
const Profile = shape("Agent", "http://xmlns.com/foaf/0.1/Agent", {
  name: text("http://xmlns.com/foaf/0.1/name"),
  issuer: { "@id": "http://www.w3.org/ns/solid/terms#oidcIssuer", "@type": "@id" },
  storage: { "@id": "http://www.w3.org/ns/pim/space#storage", "@type": "@id" },
});
const Job = shape("Experience", "https://w3id.org/werkpod/cv#Experience", {
  role: text("http://schema.org/roleName"),
  employer: text("https://w3id.org/werkpod/cv#employer"),
  start: text("http://schema.org/startDate", "gYearMonth"),
});

/** A data set that knows nothing yet. */
function fresh() {
  const dataset = createSolidLdoDataset();
  dataset.setContext("solid", { fetch: session.fetch });
  return dataset;
}
const held = (result) => {
  assert.equal(result.isError, false, result.message ?? JSON.stringify(result.type));
  return result;
};
/** An object of a shape, read anew, and the resource it is in. */
async function read(type, subject) {
  const dataset = fresh();
  const resource = dataset.getResource(subject);
  held(await resource.read());
  return { dataset, resource, object: dataset.usingType(type).fromSubject(subject) };
}

check("reads a profile as an object", async () => {
  const { object } = await read(Profile, citizen.webId);
  assert.equal(object.issuer["@id"], base);
  assert.equal(object.storage["@id"], citizen.storage);
});

check("changes a profile by its object", async () => {
  const { resource, object } = await read(Profile, citizen.webId);
  const changed = changeData(object, resource);
  changed.name = "Mila";
  held(await commitData(changed));
  assert.equal((await read(Profile, citizen.webId)).object.name, "Mila");
});

check("finds the storage from the WebID and from a resource", async () => {
  const { dataset, resource } = await read(Profile, citizen.webId);
  const root = await resource.getRootContainer();
  assert.equal(root.uri, citizen.storage);
  const { storageContainers } = held(await getStorageFromWebId(citizen.webId, dataset));
  assert.deepEqual(storageContainers.map((storage) => storage.uri), [citizen.storage]);
});

check("adds a job to the CV and changes it, as an object of its shape", async () => {
  const job = `${citizen.storage}cv/experience#2021-kok`;
  const { dataset, resource } = await read(Job, job);
  const made = dataset.createData(Job, job, resource);
  made.type.add({ "@id": "Experience" });
  made.role = "Kok";
  made.employer = "Restaurant Nergens";
  made.start = "2021-03";
  held(await commitData(made));
  const again = await read(Job, job);
  assert.equal(again.object.role, "Kok");
  const changed = changeData(again.object, again.resource);
  changed.employer = "Bistro Ergens";
  held(await commitData(changed));
  const { object } = await read(Job, job);
  assert.deepEqual([object.role, object.employer, object.start], ["Kok", "Bistro Ergens", "2021-03"]);
  assert.deepEqual([...object.type].map((type) => type["@id"]), ["Experience"]);
});

check("shows what it wrote in the citizen's own pages", async () => {
  const page = await (await citizen.get("/regie/cv")).text();
  assert.match(page, /Kok/);
  assert.match(page, /Bistro Ergens/);
});

check("makes containers, documents and files, and deletes them with all that is in them", async () => {
  const dataset = fresh();
  const root = dataset.getResource(citizen.storage);
  held(await root.read());
  const posts = held(await root.createChildIfAbsent("berichten/")).resource;
  held(await posts.createChildAndOverwrite("een.ttl"));
  const picture = new Blob(["<svg xmlns='http://www.w3.org/2000/svg'/>"], { type: "image/svg+xml" });
  held(await posts.uploadChildAndOverwrite("beeld.svg", picture, "image/svg+xml"));
  held(await posts.read());
  assert.deepEqual(posts.children().map((child) => child.uri).sort(), [`${posts.uri}beeld.svg`, `${posts.uri}een.ttl`]);
  // It takes only 205 for a deletion; our 204 (RFC 9110, 9.3.5) it reports as an error, after which all is gone.
  for (const step of ["what is in it", "itself"]) assert.ok(await posts.delete(), step);
  assert.equal((await session.fetch(posts.uri)).status, 404);
});

check("is told of changes over a WebSocket", async () => {
  const url = `${citizen.storage}gesprek`;
  const write = (text) =>
    session.fetch(url, { method: "PUT", headers: { "Content-Type": "text/turtle" }, body: `<#it> <#says> "${text}" .` });
  await write("begin");
  const file = fresh().getResource(url);
  held(await file.read());
  const told = new Promise((onNotification, onNotificationError) => {
    file.subscribeToNotifications({ onNotification, onNotificationError });
  });
  let message;
  told.then((said) => (message = said), () => {});
  for (let turn = 0; turn < 100 && !message; turn += 1) {
    await write(`${turn}`); // it does not say when its socket is open
    await Promise.race([told, new Promise((later) => setTimeout(later, 100))]);
  }
  assert.equal((await told).object, url);
  assert.equal(message.type, "Update");
  await file.unsubscribeFromAllNotifications();
});

check("reads and writes access rules", async () => {
  const dataset = fresh();
  const file = dataset.getResource(`${citizen.storage}cv/experience`);
  held(await file.read());
  const { wacRule } = held(await file.getWac());
  assert.deepEqual(Object.keys(wacRule.agent), [citizen.webId]);
  assert.equal(wacRule.public.read, false);
  held(await file.setWac({ ...wacRule, authenticated: { read: true, append: false, write: false, control: false } }));
  const again = held(await file.getWac({ ignoreCache: true }));
  assert.equal(again.wacRule.authenticated.read, true);
});

await runAll();
