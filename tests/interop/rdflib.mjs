// rdflib.js: its fetcher reads and writes, its update manager patches.
import assert from "node:assert/strict";
import { Session } from "@inrupt/solid-client-authn-node";
import * as rdf from "rdflib";
import { check, refusal, runAll } from "./lib/checks.mjs";
import { Citizen } from "./lib/citizen.mjs";

const [base] = process.argv.slice(2);
const citizen = await Citizen.signUp(base);
const session = new Session({ keepAlive: false });
await session.login({ oidcIssuer: base, ...(await citizen.tool("rdflib")) });

const FOAF = rdf.Namespace("http://xmlns.com/foaf/0.1/");
const LDP = rdf.Namespace("http://www.w3.org/ns/ldp#");
const { sym, st, lit } = rdf;
const root = citizen.storage;
const url = `${root}vrienden`;
const [doc, me] = [sym(url), sym(`${url}#ik`)];

/** A store that knows nothing yet. */
function fresh() {
  const store = rdf.graph();
  const fetcher = rdf.fetcher(store, { fetch: session.fetch });
  return { store, fetcher, updater: new rdf.UpdateManager(store) };
}
const read = async (address = url) => {
  const here = fresh();
  await here.fetcher.load(address);
  return here;
};
const names = (store) => store.each(me, FOAF("name"), null, doc).map((term) => term.value).sort();

check("loads a profile and follows it to the storage", async () => {
  const { store } = await read(citizen.webId);
  const storage = store.any(sym(citizen.webId), sym("http://www.w3.org/ns/pim/space#storage"));
  assert.equal(storage.value, root);
});

check("puts a document", async () => {
  const { store, fetcher } = fresh();
  store.add(me, FOAF("name"), lit("Mila"), doc);
  await fetcher.putBack(doc, { contentType: "text/turtle" });
  assert.deepEqual(names((await read()).store), ["Mila"]);
});

check("knows that it may edit by the answer to its read", async () => {
  const { updater } = await read();
  assert.ok(updater.editable(url));
});

check("inserts, changes and deletes statements by patch", async () => {
  const { store, updater } = await read();
  await updater.update([], [st(me, FOAF("name"), lit("Milou"), doc), st(me, FOAF("age"), lit(31), doc)]);
  assert.deepEqual(names((await read()).store), ["Mila", "Milou"]);
  const old = store.statementsMatching(me, FOAF("name"), lit("Mila"), doc);
  await updater.update(old, [st(me, FOAF("name"), lit("Anna"), doc)]);
  assert.deepEqual(names((await read()).store), ["Anna", "Milou"]);
  await updater.update(store.statementsMatching(me, null, null, doc), []);
  assert.deepEqual(names((await read()).store), []);
});

check("patches what a blank node stands between", async () => {
  const { store, fetcher } = fresh();
  const address = rdf.blankNode();
  store.add(me, FOAF("based_near"), address, doc);
  store.add(address, FOAF("name"), lit("Nergenshuizen"), doc);
  await fetcher.putBack(doc, { contentType: "text/turtle" });
  const there = await read();
  const near = there.store.any(me, FOAF("based_near"), null, doc);
  const old = there.store.statementsMatching(near, FOAF("name"), null, doc);
  await there.updater.update(old, [st(near, FOAF("name"), lit("Ergenshuizen"), doc)]);
  const again = (await read()).store;
  assert.equal(again.anyValue(again.any(me, FOAF("based_near"), null, doc), FOAF("name")), "Ergenshuizen");
});

check("patches by N3 as well, and is told when what it deletes is not there", async () => {
  const { fetcher, updater } = await read();
  const patch = (from, to) => {
    const data = updater.constructN3PatchQuery([st(me, FOAF("nick"), lit(from), doc)], [st(me, FOAF("nick"), lit(to), doc)], []);
    return fetcher.webOperation("PATCH", url, { data, contentType: "text/n3" });
  };
  await updater.update([], [st(me, FOAF("nick"), lit("Mi"), doc)]);
  await patch("Mi", "La");
  assert.equal((await read()).store.anyValue(me, FOAF("nick")), "La");
  assert.equal(await refusal(patch("Mi", "Lo")), 409);
});

check("makes a document and a container by patching what is not there yet", async () => {
  const { updater } = fresh();
  const added = sym(`${root}nieuw/lijst`);
  await updater.update([], [st(sym(`${added.value}#a`), FOAF("name"), lit("een"), added)]);
  assert.equal((await read(added.value)).store.anyValue(sym(`${added.value}#a`), FOAF("name")), "een");
});

check("makes and lists containers", async () => {
  const { fetcher } = fresh();
  await fetcher.createContainer(`${root}nieuw/`, "map");
  const there = await read(`${root}nieuw/`);
  const inside = there.store.each(sym(`${root}nieuw/`), LDP("contains")).map((term) => term.value).sort();
  assert.deepEqual(inside, [`${root}nieuw/lijst`, `${root}nieuw/map/`]);
});

check("writes and reads a file that is not RDF", async () => {
  const { fetcher } = fresh();
  const file = `${root}nieuw/brief.txt`;
  await fetcher.webOperation("PUT", file, { data: "Beste lezer", contentType: "text/plain" });
  assert.equal((await fetcher.load(file, { force: true })).responseText, "Beste lezer");
});

check("deletes", async () => {
  const { fetcher } = fresh();
  for (const each of [url, `${root}nieuw/lijst`, `${root}nieuw/brief.txt`, `${root}nieuw/map/`, `${root}nieuw/`]) {
    await fetcher.delete(each);
  }
  assert.equal(await refusal(read()), 404);
});

await runAll();
